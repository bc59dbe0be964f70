package io.multinic.agent.select;

/// The distance between two PCI devices, nearest first, in the words of the field.
public enum PciDistance {
    /// At most one PCI switch.
    PIX(0),
    /// Several switches, but no host bridge.
    PXB(1),
    /// The host bridge that both are behind.
    PHB(2),
    /// Host bridges of one NUMA node.
    NODE(3),
    /// The interconnect between NUMA nodes.
    SYS(4);

    private final int cost;

    PciDistance(int cost) {
        this.cost = cost;
    }

    /// Greater for a greater distance, at most 4.
    int cost() {
        return cost;
    }

    public static PciDistance between(PciDevice one, PciDevice other) {
        if (!one.hostBridge().equals(other.hostBridge())) {
            return one.numaNode() == other.numaNode() ? NODE : SYS;
        }
        int common = 0;
        int fewer = Math.min(one.bridges().size(), other.bridges().size());
        while (common < fewer
                && one.bridges().get(common).equals(other.bridges().get(common))) {
            common++;
        }
        if (common == 0) {
            return PHB;
        }
        int own = Math.max(one.bridges().size(), other.bridges().size()) - common;
        return own <= 1 ? PIX : PXB;
    }

    /// True where a NIC may read and write a GPU's memory without passing a host bridge.
    public boolean gpuDirect() {
        return this == PIX || this == PXB;
    }
}
