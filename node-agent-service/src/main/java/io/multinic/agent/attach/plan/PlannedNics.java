package io.multinic.agent.attach.plan;

import io.multinic.agent.nic.NodeNic;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.StatedBlock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The NICs for which the node has blocks, whether they can be used now or not.
///
/// @param absent blocks of the node that the plan does not contain because their NICs are missing at present
/// @param obstacle reason why a NIC cannot be used; empty if it can
public record PlannedNics(List<StatedBlock> absent, Function<String, Optional<String>> obstacle) {
    private static final String NOT_PLANNED = "has no block in the plan of this node at present";

    public PlannedNics {
        absent = List.copyOf(absent);
    }

    /// A NIC with blocks in a network.
    ///
    /// @param obstacle reason why it cannot be used; null if it can
    record PlannedNic(String name, Cidr masterNet, @Nullable String obstacle) {}

    /// A block of the node on one of its NICs.
    private record Rail(String nic, Cidr masterNet, int interfaceIndex, int hostIndex, boolean planned) {}

    /// The NICs of a network, in the order of the indexes of their blocks.
    ///
    /// @param known the NICs that the node has now
    List<PlannedNic> of(NetworkPlan network, List<NodeNic> known) {
        List<Rail> rails = new ArrayList<>();
        for (NicBlock block : network.blocks()) {
            rails.add(new Rail(block.nic(), block.masterNet(), block.interfaceIndex(), block.hostIndex(), true));
        }
        absent.stream()
                .filter(block -> isMissing(block, network))
                .map(block ->
                        new Rail(block.nic(), block.masterNet(), block.interfaceIndex(), block.hostIndex(), false))
                .forEach(rails::add);
        rails.sort(Comparator.comparingInt(Rail::interfaceIndex).thenComparingInt(Rail::hostIndex));
        Map<String, List<Rail>> byNic = new LinkedHashMap<>();
        rails.forEach(rail ->
                byNic.computeIfAbsent(rail.nic(), _ -> new ArrayList<>()).add(rail));
        return byNic.entrySet().stream()
                .map(entry -> new PlannedNic(
                        entry.getKey(),
                        entry.getValue().getFirst().masterNet(),
                        obstacle(entry.getKey(), known, entry.getValue())))
                .toList();
    }

    /// False for a block of a NIC that another one may have replaced: a NIC of another name in the same network, as
    /// after an update that renames NICs. It is false also for a network that is no longer one of `masterNets`.
    private static boolean isMissing(StatedBlock block, NetworkPlan network) {
        var masterNets = network.network().masterNets();
        return block.network().equals(network.network().name())
                && (masterNets.isEmpty() || masterNets.contains(block.masterNet()))
                && network.blocks().stream().noneMatch(own -> own.masterNet().equals(block.masterNet()));
    }

    private @Nullable String obstacle(String name, List<NodeNic> known, List<Rail> rails) {
        Optional<String> ofLink = obstacle.apply(name);
        if (ofLink.isPresent()) {
            return ofLink.get();
        }
        List<Cidr> networks = known.stream()
                .filter(nic -> nic.name().equals(name))
                .findFirst()
                .map(NodeNic::networks)
                .orElse(List.of());
        for (Rail rail : rails) {
            if (!networks.contains(rail.masterNet())) {
                return "has no address in " + rail.masterNet();
            }
        }
        return rails.stream().anyMatch(Rail::planned) ? null : NOT_PLANNED;
    }
}
