package io.multinic.contract.wire;

import io.multinic.contract.address.PrefixedAddress;
import java.util.List;

/// NIC of a node by its interface name, with its addresses in the kernel's order.
public record Nic(String name, List<PrefixedAddress> addresses) {
    public Nic {
        addresses = List.copyOf(addresses);
    }
}
