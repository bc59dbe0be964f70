package io.multinic.contract.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Plan of one node, by which it allocates and routes: `GET /api/v1/nodes/{node}/plan`.
///
/// `revision` increases with every change that affects the node; it is the value of `after=`. Networks are ordered by
/// number, the peers of a network by block.
public record NodePlan(String node, String nodeUid, long revision, List<NetworkPlan> networks) {
    public NodePlan {
        networks = List.copyOf(networks);
    }

    /// Applies a change.
    ///
    /// @throws IllegalArgumentException if the change does not start at this revision
    public NodePlan with(PlanChange change) {
        if (change.base() != revision) {
            throw new IllegalArgumentException(
                    "a change of revision " + change.base() + " does not apply to revision " + revision);
        }
        Map<String, NetworkPlan> next = new LinkedHashMap<>();
        networks.forEach(network -> next.put(network.network().name(), network));
        change.removed().forEach(next::remove);
        for (NetworkPlan edited : change.networks()) {
            NetworkPlan known = next.get(edited.network().name());
            next.put(edited.network().name(), known == null ? edited : edited.withPeers(known.peers()));
        }
        Map<String, List<PeerChange>> byNetwork = new HashMap<>();
        for (PeerChange peer : change.peers()) {
            byNetwork.computeIfAbsent(peer.network(), name -> new ArrayList<>()).add(peer);
        }
        byNetwork.forEach((name, peers) -> next.computeIfPresent(name, (same, network) -> changed(network, peers)));
        var sorted = new ArrayList<>(next.values());
        sorted.sort((a, b) -> Integer.compare(a.number(), b.number()));
        return new NodePlan(node, nodeUid, change.revision(), sorted);
    }

    private static NetworkPlan changed(NetworkPlan network, List<PeerChange> changes) {
        return network.withPeers(PeerBlocks.copyOf(network.peers()).with(changes));
    }
}
