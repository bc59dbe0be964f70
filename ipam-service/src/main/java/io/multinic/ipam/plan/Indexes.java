package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.Map;

/// The indexes that are given out: interface indexes by the NICs' network, host indexes by NIC.
///
/// `hosts` has those of the nodes to plan at least. Of all other nodes it is enough to know which indexes are taken:
/// `taken`, by the NICs' network; those of `hosts` may be among them. So what must be known for one node that joins
/// does not grow with the cluster.
///
/// `restraint` is what keeps free indexes from being given out.
///
/// Invariant: each key of `hosts` and of `taken` names a network that has an interface index.
public record Indexes(
        Map<Cidr, Integer> interfaces,
        Map<HostKey, Integer> hosts,
        Map<Cidr, IndexRanges> taken,
        AllocationLimits restraint) {
    public static final Indexes NONE = new Indexes(Map.of(), Map.of());

    public Indexes {
        interfaces = Map.copyOf(interfaces);
        hosts = Map.copyOf(hosts);
        taken = Map.copyOf(taken);
    }

    /// Where every free index may be given out.
    public Indexes(Map<Cidr, Integer> interfaces, Map<HostKey, Integer> hosts, Map<Cidr, IndexRanges> taken) {
        this(interfaces, hosts, taken, AllocationLimits.NONE);
    }

    /// Where `hosts` has those of all nodes.
    public Indexes(Map<Cidr, Integer> interfaces, Map<HostKey, Integer> hosts) {
        this(interfaces, hosts, Map.of(), AllocationLimits.NONE);
    }

    public Indexes with(AllocationLimits other) {
        return new Indexes(interfaces, hosts, taken, other);
    }
}
