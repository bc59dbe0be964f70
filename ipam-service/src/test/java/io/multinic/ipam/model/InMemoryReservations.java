package io.multinic.ipam.model;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.ReservationRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The reserved ranges of one network, compared as the store's SQL does.
final class InMemoryReservations {
    private final List<ReservationRequest> all = new ArrayList<>();

    /// @return false if the same reservation existed
    boolean add(ReservationRequest request, Collection<Cidr> subnets) {
        AddressRange wanted = request.range();
        Optional<ReservationRequest> other = all.stream()
                .filter(each -> overlap(each.range(), wanted))
                .min(Comparator.comparing(each -> each.range().first()));
        if (other.isPresent() && other.get().equals(request)) {
            return false;
        }
        if (other.isPresent() || !isWithin(wanted, subnets)) {
            throw new MultiNicException(ErrorCode.RESERVATION_REFUSED, request.toString());
        }
        all.add(request);
        return true;
    }

    private static boolean overlap(AddressRange one, AddressRange other) {
        return one.contains(other.first()) || other.contains(one.first());
    }

    private static boolean isWithin(AddressRange range, Collection<Cidr> blocks) {
        return blocks.stream().anyMatch(block -> block.contains(range.first()) && block.contains(range.last()));
    }

    void remove(IpAddress first) {
        all.removeIf(each -> each.range().first().equals(first));
    }

    boolean areWithin(Collection<Cidr> blocks) {
        return all.stream().allMatch(each -> isWithin(each.range(), blocks));
    }

    ObservedState.Reservation reservation(String network, ReservationRequest request, Collection<IpAddress> held) {
        return new ObservedState.Reservation(
                network,
                request.range().first(),
                request.range().last(),
                request.reason(),
                request.owner(),
                request.heldFor(),
                held.stream().filter(request.range()::contains).count());
    }

    List<ObservedState.Reservation> reservation(String network, Collection<IpAddress> held) {
        return all.stream().map(each -> reservation(network, each, held)).toList();
    }

    Map<Integer, String> within(Cidr block) {
        Map<Integer, String> reserved = new HashMap<>();
        for (ReservationRequest each : all) {
            AddressRange range = each.range();
            if (overlap(range, AddressRange.of(block))) {
                IpAddress first = range.first().compareTo(block.first()) > 0 ? range.first() : block.first();
                IpAddress last = range.last().compareTo(block.last()) < 0 ? range.last() : block.last();
                reserved.putAll(ObservedState.DeliveredBlock.reserved(block, first, last, each.heldFor()));
            }
        }
        return reserved;
    }
}
