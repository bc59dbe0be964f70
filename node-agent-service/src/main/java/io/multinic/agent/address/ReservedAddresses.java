package io.multinic.agent.address;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.ReservedRange;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Reserved ranges of one block. Lookups take logarithmic time, because a block may have thousands of reservations.
final class ReservedAddresses {
    private final List<Cidr> excluded;
    private final NavigableMap<IpAddress, ReservedRange> byFirst = new TreeMap<>();

    private ReservedAddresses(NicBlock block) {
        excluded = block.excluded().stream().sorted().toList();
        block.reserved().forEach(range -> byFirst.put(range.first(), range));
    }

    static ReservedAddresses of(NicBlock block) {
        return new ReservedAddresses(block);
    }

    /// The reservation that contains the address.
    Optional<ReservedRange> covering(IpAddress address) {
        return Optional.ofNullable(byFirst.floorEntry(address))
                .map(entry -> entry.getValue())
                .filter(range -> range.range().contains(address));
    }

    /// Number of addresses that are reserved and not excluded; saturates.
    long count() {
        return byFirst.values().stream()
                .map(ReservedRange::range)
                .map(this::count)
                .reduce(0L, ReservedAddresses::sum);
    }

    private long count(AddressRange range) {
        long count = 0;
        IpAddress next = range.first();
        for (Cidr exclude : excluded) {
            if (exclude.family() != next.family() || exclude.last().compareTo(next) < 0) {
                continue;
            }
            if (exclude.first().compareTo(range.last()) > 0) {
                break;
            }
            if (exclude.first().compareTo(next) > 0) {
                count = sum(count, exclude.first().minus(next));
            }
            if (exclude.last().compareTo(range.last()) >= 0) {
                return count;
            }
            next = exclude.last().plus(1);
        }
        return sum(count, new AddressRange(next, range.last()).size());
    }

    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
