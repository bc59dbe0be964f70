package io.multinic.contract.wire;

import java.util.List;

/// State of a node at ipam-service: the answer to GET of `/api/v1/nodes/{node}`.
///
/// `revision` is that of the node's plan; `epoch` counts its agent's sessions, 0 before the first one; `openAddresses`
/// is the number of addresses that the ledger shows as held on it.
public record NodeState(String node, String nodeUid, long revision, long epoch, long openAddresses, List<Nic> nics) {
    public NodeState {
        nics = List.copyOf(nics);
    }
}
