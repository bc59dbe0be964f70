package io.multinic.agent.plan;

import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.StatedBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A plan of this node, with the database history of its revision and the blocks that are absent from it.
///
/// @param history identifies the database that the revision belongs to; empty if it is not known
/// @param absent blocks of this node that the plan does not contain because their NICs are missing at present; they
///     remain assigned to the node
public record KnownPlan(NodePlan plan, String history, List<StatedBlock> absent) {
    public KnownPlan {
        absent = List.copyOf(absent);
    }

    /// The first plan of a node.
    public static KnownPlan first(NodePlan plan, String history) {
        return new KnownPlan(plan, history, List.of());
    }

    /// The next plan, with the blocks of this one that it does not contain.
    ///
    /// Such a block is kept as absent while its network exists, unless the NIC has another block now or the
    /// addresses are part of another block.
    public KnownPlan followedBy(NodePlan next, String nextHistory) {
        if (!next.nodeUid().equals(plan.nodeUid())) {
            return first(next, nextHistory);
        }
        Map<String, NetworkPlan> networks = new HashMap<>();
        next.networks().forEach(network -> networks.put(network.network().name(), network));
        var missing = blocks().stream()
                .filter(block -> {
                    NetworkPlan network = networks.get(block.network());
                    return network != null && !isReplaced(block, network);
                })
                .toList();
        return new KnownPlan(next, nextHistory, missing);
    }

    private static boolean isReplaced(StatedBlock block, NetworkPlan network) {
        return network.blocks().stream()
                        .anyMatch(
                                own -> isOfSameNic(own, block) || own.podBlock().overlaps(block.podBlock()))
                || network.peers().stream().anyMatch(peer -> peer.podBlock().overlaps(block.podBlock()));
    }

    private static boolean isOfSameNic(NicBlock own, StatedBlock block) {
        return own.nic().equals(block.nic())
                && own.masterNet().equals(block.masterNet())
                && own.podBlock().family() == block.podBlock().family();
    }

    private List<StatedBlock> blocks() {
        var blocks = new ArrayList<StatedBlock>();
        for (NetworkPlan network : plan.networks()) {
            network.blocks().forEach(block -> blocks.add(StatedBlock.of(network, block)));
        }
        blocks.addAll(absent);
        return blocks;
    }

    /// The blocks that a session states for this node.
    public PlanStatement statement() {
        return new PlanStatement(history, plan.revision(), blocks());
    }
}
