package io.multinic.ipam.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Result of the planner: all interface indexes, the host indexes of the planned nodes, and the NICs without a block.
///
/// `hostBlocks` maps each interface index to the number of host blocks that are assigned or can be.
public record Plan(
        List<InterfaceSlot> interfaces, List<HostSlot> hosts, List<Unplaced> unplaced, Map<Integer, Long> hostBlocks) {
    public Plan {
        hostBlocks = Map.copyOf(hostBlocks);
        interfaces = List.copyOf(interfaces);
        hosts = List.copyOf(hosts);
        unplaced = List.copyOf(unplaced);
    }

    /// Indexes that the next plan builds on.
    public Indexes indexes() {
        var hostIndexes = new HashMap<HostKey, Integer>(hosts.size() * 2);
        hosts.forEach(slot -> hostIndexes.put(slot.key(), slot.hostIndex()));
        return new Indexes(
                interfaces.stream().collect(Collectors.toMap(InterfaceSlot::masterNet, InterfaceSlot::index)),
                hostIndexes);
    }
}
