package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// Interface index, its NIC network, and its block in each subnet. Blocks are sorted by address, so that two slots
/// are equal whatever the order of the network's subnets.
public record InterfaceSlot(int index, Cidr masterNet, List<Cidr> blocks) {
    public InterfaceSlot {
        blocks = blocks.stream().sorted().toList();
    }
}
