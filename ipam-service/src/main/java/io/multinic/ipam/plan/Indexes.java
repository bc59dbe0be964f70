package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.Map;

/// The indexes that are given out: interface indexes by the NICs' network, host indexes by NIC.
///
/// Invariant: each key of `hosts` names a network that has an interface index.
public record Indexes(Map<Cidr, Integer> interfaces, Map<HostKey, Integer> hosts) {
    public static final Indexes NONE = new Indexes(Map.of(), Map.of());

    public Indexes {
        interfaces = Map.copyOf(interfaces);
        hosts = Map.copyOf(hosts);
    }
}
