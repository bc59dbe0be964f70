package io.multinic.contract.wire;

import java.util.List;

/// Part of a node's plan about one network: the node's own blocks, and the blocks of its peers.
///
/// `number` is small, unique among the networks and stable; agents derive the number of the route table from it.
public record NetworkPlan(NetworkDefinition network, int number, List<NicBlock> blocks, List<PeerBlock> peers) {
    public NetworkPlan {
        blocks = List.copyOf(blocks);
        peers = List.copyOf(peers);
    }

    NetworkPlan withPeers(List<PeerBlock> others) {
        return new NetworkPlan(network, number, blocks, others);
    }
}
