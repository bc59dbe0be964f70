package io.multinic.contract.wire;

import java.util.List;

/// Difference of a node's plan between the revisions `base` and `revision`.
///
/// `networks` are those that were defined or edited, with the node's own blocks and without peers; `removed` are those
/// that no longer exist. The node's own blocks in all other networks are unchanged. `peers` names each block at
/// most once.
public record PlanChange(
        long base, long revision, List<NetworkPlan> networks, List<String> removed, List<PeerChange> peers) {
    public PlanChange {
        networks = List.copyOf(networks);
        removed = List.copyOf(removed);
        peers = List.copyOf(peers);
    }
}
