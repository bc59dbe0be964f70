package io.multinic.contract.wire;

import io.multinic.contract.address.PrefixedAddress;
import java.util.List;

/// A NIC by its interface name, with the addresses it has on its node, in the kernel's order.
public record Nic(String name, List<PrefixedAddress> addresses) {
    public Nic {
        addresses = List.copyOf(addresses);
    }
}
