package io.multinic.ipam.plan;

import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;

/// What the planner decided: all interface indexes, the host indexes of the planned nodes, and what did not fit.
public record Plan(List<InterfaceSlot> interfaces, List<HostSlot> hosts, List<Unplaced> unplaced) {
    public Plan {
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
