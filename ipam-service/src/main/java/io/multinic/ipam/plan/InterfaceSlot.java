package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// An interface index, the NICs' network it stands for, and its block in each subnet, in the order of their addresses:
/// the same slot is the same in whatever order the network names its subnets.
public record InterfaceSlot(int index, Cidr masterNet, List<Cidr> blocks) {
    public InterfaceSlot {
        blocks = blocks.stream().sorted().toList();
    }
}
