package io.multinic.contract.wire;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/// Part of a node's plan about one network: the node's own blocks, and the blocks of its peers.
///
/// `peers` is a [PeerBlocks]. `number` is small, unique among the networks and stable; agents derive the number of the
/// route table from it.
public record NetworkPlan(NetworkDefinition network, int number, List<NicBlock> blocks, List<PeerBlock> peers) {
    public NetworkPlan {
        blocks = List.copyOf(blocks);
        peers = PeerBlocks.copyOf(peers);
    }

    /// Reads a plan from JSON, its peers one by one.
    @JsonCreator
    static NetworkPlan read(
            @JsonProperty("network") NetworkDefinition network,
            @JsonProperty("number") int number,
            @JsonProperty("blocks") List<NicBlock> blocks,
            @JsonProperty("peers") PeerBlocks.Builder peers) {
        return new NetworkPlan(network, number, blocks, peers.build());
    }

    NetworkPlan withPeers(List<PeerBlock> others) {
        return new NetworkPlan(network, number, blocks, others);
    }
}
