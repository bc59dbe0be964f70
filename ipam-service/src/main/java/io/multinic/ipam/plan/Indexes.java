package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.Map;

/// Assigned indexes: interface indexes by NIC network, host indexes by NIC.
///
/// `hosts` contains at least the host indexes of the nodes to plan. For all other nodes it is enough to know which
/// indexes are taken: `taken`, by NIC network, which may include those of `hosts`. So the input for one joining node
/// does not grow with the cluster.
///
/// `limits` restricts the assignment of new indexes.
///
/// Invariant: each key of `hosts` and of `taken` names a NIC network that has an interface index.
public record Indexes(
        Map<Cidr, Integer> interfaces,
        Map<HostKey, Integer> hosts,
        Map<Cidr, IndexRanges> taken,
        AllocationLimits limits) {
    public static final Indexes NONE = new Indexes(Map.of(), Map.of());

    public Indexes {
        interfaces = Map.copyOf(interfaces);
        hosts = Map.copyOf(hosts);
        taken = Map.copyOf(taken);
    }

    /// Indexes without limits on new ones.
    public Indexes(Map<Cidr, Integer> interfaces, Map<HostKey, Integer> hosts, Map<Cidr, IndexRanges> taken) {
        this(interfaces, hosts, taken, AllocationLimits.NONE);
    }

    /// Indexes of all nodes, without limits on new ones.
    public Indexes(Map<Cidr, Integer> interfaces, Map<HostKey, Integer> hosts) {
        this(interfaces, hosts, Map.of(), AllocationLimits.NONE);
    }

    public Indexes with(AllocationLimits other) {
        return new Indexes(interfaces, hosts, taken, other);
    }
}
