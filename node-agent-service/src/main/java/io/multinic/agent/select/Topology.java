package io.multinic.agent.select;

import java.util.List;
import java.util.Map;

/// The places of a pod's GPUs and of the node's NICs in the PCI tree.
///
/// @param gpus in the order in which the pod sees them
/// @param nics by name; NICs without PCI device are missing
public record Topology(List<PciDevice> gpus, Map<String, PciDevice> nics) {
    public static final Topology NONE = new Topology(List.of(), Map.of());

    public Topology {
        gpus = List.copyOf(gpus);
        nics = Map.copyOf(nics);
    }

    /// SYS for a NIC whose place is unknown.
    PciDistance distance(PciDevice gpu, String nic) {
        PciDevice device = nics.get(nic);
        return device == null ? PciDistance.SYS : PciDistance.between(gpu, device);
    }
}
