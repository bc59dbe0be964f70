package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// An interface index, the NICs' network it stands for, and its block in each subnet.
public record InterfaceSlot(int index, Cidr masterNet, List<Cidr> blocks) {
    public InterfaceSlot {
        blocks = List.copyOf(blocks);
    }
}
