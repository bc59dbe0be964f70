package io.multinic.ipam.model;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.ReservationRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Every reserved address with its request. A reservation moves no block and takes no held address away.
final class ReferenceReservations {
    private final Map<String, TreeMap<IpAddress, ReservationRequest>> addresses = new HashMap<>();

    NavigableMap<IpAddress, ReservationRequest> of(String network) {
        return addresses.computeIfAbsent(network, unknown -> new TreeMap<>());
    }

    /// @return false if the same reservation existed
    boolean add(String network, ReservationRequest request, ReferencePlan plan) {
        Set<IpAddress> wanted = all(request);
        Set<ReservationRequest> others =
                wanted.stream().map(of(network)::get).filter(Objects::nonNull).collect(Collectors.toSet());
        if (others.equals(Set.of(request))) {
            return false;
        }
        if (!others.isEmpty() || !wanted.stream().allMatch(plan::has)) {
            throw new MultiNicException(ErrorCode.RESERVATION_REFUSED, request.toString());
        }
        wanted.forEach(address -> of(network).put(address, request));
        return true;
    }

    private static Set<IpAddress> all(ReservationRequest request) {
        var all = new HashSet<IpAddress>();
        IpAddress address = request.range().first();
        all.add(address);
        while (!address.equals(request.range().last())) {
            address = address.plus(1);
            all.add(address);
        }
        return all;
    }

    void remove(String network, IpAddress first) {
        ReservationRequest request = of(network).get(first);
        if (request != null && request.range().first().equals(first)) {
            of(network).keySet().removeAll(all(request));
        }
    }

    void removeAll(String network) {
        addresses.remove(network);
    }

    /// The holder that each address is reserved for, by its distance from the block's first address; empty for no
    /// holder.
    Map<Integer, String> within(String network, Cidr block) {
        Map<Integer, String> reserved = new HashMap<>();
        of(network)
                .subMap(block.first(), true, block.last(), true)
                .forEach((address, request) -> reserved.put(
                        (int) address.minus(block.first()), request.heldFor() == null ? "" : request.heldFor()));
        return reserved;
    }

    ObservedState.Reservation reservation(String network, IpAddress first, List<IpAddress> held) {
        ReservationRequest request = Objects.requireNonNull(of(network).get(first));
        return new ObservedState.Reservation(
                network,
                request.range().first(),
                request.range().last(),
                request.reason(),
                request.owner(),
                request.heldFor(),
                held.stream()
                        .filter(address -> request.equals(of(network).get(address)))
                        .count());
    }

    Set<ObservedState.Reservation> reservation(String network, List<IpAddress> held) {
        return of(network).entrySet().stream()
                .filter(entry -> entry.getKey().equals(entry.getValue().range().first()))
                .map(entry -> reservation(network, entry.getKey(), held))
                .collect(Collectors.toSet());
    }
}
