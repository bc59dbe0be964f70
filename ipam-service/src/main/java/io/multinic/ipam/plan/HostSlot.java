package io.multinic.ipam.plan;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Host index and its blocks, one for each subnet. Blocks are sorted by address, so that two slots are equal whatever
/// the order of the network's subnets.
///
/// `present` is true if the node has the NIC now. Without the NIC the node keeps the blocks, but peers get no route
/// to them. `viaIpv4` and `viaIpv6` are the next hops of the peers' routes.
public record HostSlot(
        HostKey key,
        int interfaceIndex,
        int hostIndex,
        boolean present,
        @Nullable IpAddress viaIpv4,
        @Nullable IpAddress viaIpv6,
        List<PlannedBlock> blocks) {
    public HostSlot {
        blocks = blocks.stream()
                .sorted(Comparator.comparing(PlannedBlock::podBlock))
                .toList();
    }

    /// Next hop to blocks of this family.
    public @Nullable IpAddress via(IpFamily family) {
        return switch (family) {
            case IPV4 -> viaIpv4;
            case IPV6 -> viaIpv6;
        };
    }
}
