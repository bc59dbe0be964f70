package io.multinic.ipam.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What the planner decided: all interface indexes, the host indexes of the planned nodes, and what did not fit.
///
/// `hostBlocks` says for each interface index how many host blocks are given out or may be.
public record Plan(
        List<InterfaceSlot> interfaces, List<HostSlot> hosts, List<Unplaced> unplaced, Map<Integer, Long> hostBlocks) {
    public Plan {
        hostBlocks = Map.copyOf(hostBlocks);
        interfaces = List.copyOf(interfaces);
        hosts = List.copyOf(hosts);
        unplaced = List.copyOf(unplaced);
    }

    /// What the next plan builds on.
    public Indexes indexes() {
        var hostIndexes = new HashMap<HostKey, Integer>(hosts.size() * 2);
        hosts.forEach(slot -> hostIndexes.put(slot.key(), slot.hostIndex()));
        return new Indexes(
                interfaces.stream().collect(Collectors.toMap(InterfaceSlot::masterNet, InterfaceSlot::index)),
                hostIndexes);
    }
}
