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

/// A plan and what goes with it.
///
/// @param history that its revision is of; empty where it was not kept
/// @param absent blocks of this node that the plan does not name, because their NICs are gone for now:
///     they stay the node's
public record KnownPlan(NodePlan plan, String history, List<StatedBlock> absent) {
    public KnownPlan {
        absent = List.copyOf(absent);
    }

    /// The first plan of a node.
    public static KnownPlan first(NodePlan plan, String history) {
        return new KnownPlan(plan, history, List.of());
    }

    /// This one followed by another.
    ///
    /// A block that the next plan does not name is kept as absent while its network is there, unless the
    /// NIC has another one now or the addresses are somebody's.
    public KnownPlan followedBy(NodePlan next, String nextHistory) {
        if (!next.nodeUid().equals(plan.nodeUid())) {
            return first(next, nextHistory);
        }
        Map<String, NetworkPlan> networks = new HashMap<>();
        next.networks().forEach(network -> networks.put(network.network().name(), network));
        var left = blocks().stream()
                .filter(block -> {
                    NetworkPlan network = networks.get(block.network());
                    return network != null && !isReplaced(block, network);
                })
                .toList();
        return new KnownPlan(next, nextHistory, left);
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

    /// What the node says it has.
    public PlanStatement statement() {
        return new PlanStatement(history, plan.revision(), blocks());
    }
}
