package io.multinic.ipam.plan;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A host index and the blocks that come with it, one for each subnet, in the order of their addresses: the same slot
/// is the same in whatever order the network names its subnets.
///
/// `present` says whether the node has the NIC now; without it the blocks stay the node's, but no peer is told.
/// `viaIpv4` and `viaIpv6` are the next hops for the peers.
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

    /// The next hop to blocks of this family.
    public @Nullable IpAddress via(IpFamily family) {
        return switch (family) {
            case IPV4 -> viaIpv4;
            case IPV6 -> viaIpv6;
        };
    }
}
