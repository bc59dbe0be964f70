package io.multinic.ipam.model;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.ReservationRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Steps of users: defining, editing and removing networks, reserving and releasing addresses.
final class UserSteps {
    private static final List<String> NETWORKS = List.of("one", "two", "three");
    private static final List<List<String>> SUBNETS = List.of(
            List.of("192.168.0.0/22"),
            List.of("192.168.4.0/22", "fd00:10::/118"),
            List.of("fd00:20::/118"),
            List.of("192.168.0.0/21"));

    private final WalkState state;

    UserSteps(WalkState state) {
        this.state = state;
    }

    String putNetwork() {
        return putNetwork(any -> true);
    }

    /// @param wanted accepts the definitions that are tried
    String putNetwork(Predicate<NetworkDefinition> wanted) {
        String name = state.pick(NETWORKS);
        NetworkDefinition old = state.networks.get(name);
        NetworkDefinition definition = old != null && !state.oneIn(5)
                ? edit(old)
                : new NetworkDefinition(
                        name,
                        cidrs(state.pick(SUBNETS)),
                        masterNets(),
                        1 + state.random.nextInt(2),
                        2,
                        List.of(),
                        true);
        return wanted.test(definition) ? put(definition) : "nothing";
    }

    String put(NetworkDefinition definition) {
        String name = definition.name();
        String what = "network " + definition;
        Object answer = state.onBoth(what, ipam -> {
            ipam.putNetwork(definition);
            return null;
        });
        if (answer == null) {
            state.networks.put(name, definition);
        } else if (answer == ErrorCode.NETWORK_EDIT_REFUSED && nothingIsHeldIn(name)) {
            state.covered.add("network NETWORK_EDIT_REFUSED for a reservation");
        }
        return what;
    }

    private boolean nothingIsHeldIn(String network) {
        return state.observed().ledger().entrySet().stream()
                .noneMatch(entry -> entry.getKey().network().equals(network)
                        && entry.getValue().holder().isPresent());
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().map(Cidr::parse).toList();
    }

    private List<Cidr> masterNets() {
        var nets = new ArrayList<>(cidrs(List.of("10.0.0.0/24", "10.0.1.0/24", "fd01:2::/64")));
        Collections.shuffle(nets, state.random);
        return state.oneIn(3) ? List.of() : nets.subList(0, 1 + state.random.nextInt(2));
    }

    private NetworkDefinition edit(NetworkDefinition old) {
        int what = state.random.nextInt(9);
        var excludes = new ArrayList<>(old.excludes());
        if (what == 0 && state.oneIn(3)) { // leaves one address of the first block, the one that pods cannot get
            Cidr subnet = state.pick(old.subnets());
            Cidr block =
                    Cidr.containing(subnet.network(), subnet.prefixLength() + old.interfaceBlock() + old.hostBlock());
            excludes.addAll(new AddressRange(block.first().plus(1), block.last()).blocks());
        } else if (what < 3) {
            excludes.add(exclude(state.pick(old.subnets())));
        } else if (what == 3 && !excludes.isEmpty()) {
            excludes.remove(state.random.nextInt(excludes.size()));
        }
        var subnets = new ArrayList<>(old.subnets());
        if (what == 4 && subnets.size() == 1) {
            subnets.add(Cidr.parse(subnets.getFirst().toString().indexOf(':') < 0 ? "fd00:30::/118" : "172.16.0.0/22"));
        } else if (what == 8 && subnets.size() == 2) {
            subnets.remove(state.random.nextInt(2));
        }
        int hostBlock = what == 5 ? 2 + state.random.nextInt(2) : old.hostBlock();
        int interfaceBlock = what == 6 ? 1 + state.random.nextInt(2) : old.interfaceBlock();
        return new NetworkDefinition(
                old.name(),
                subnets,
                what == 7 ? masterNets() : old.masterNets(),
                interfaceBlock,
                hostBlock,
                excludes,
                !state.oneIn(10));
    }

    private Cidr exclude(Cidr subnet) {
        int length = subnet.prefixLength() + 1 + state.random.nextInt(subnet.hostBits());
        return Cidr.containing(subnet.network().plus(state.random.nextInt((int) subnet.size())), length);
    }

    String deleteNetwork() {
        String name = state.pick(NETWORKS);
        boolean reserved = state.observed().reservations().stream()
                .anyMatch(each -> each.network().equals(name));
        Object answer = state.onBoth("delete " + name, ipam -> {
            ipam.deleteNetwork(name);
            return null;
        });
        if (answer == null) {
            state.networks.remove(name);
            if (reserved) {
                state.covered.add("delete with reservations");
            }
        }
        return "network " + name + " deleted";
    }

    /// Reserves addresses; sometimes reserved ones, the same reservation again, or addresses outside the network.
    String reserve() {
        NetworkDefinition network = state.oneIn(20) ? null : state.networks.get(state.pick(NETWORKS));
        String name = network == null ? state.pick(NETWORKS) : network.name();
        Cidr subnet = network == null ? Cidr.parse("192.168.0.0/22") : state.pick(network.subnets());
        var others = reservations(name);
        ObservedState.Reservation other = others.isEmpty() || !state.oneIn(4) ? null : state.pick(others);
        String heldFor = state.pick(List.of("", "default", "default/pod-c7"));
        ReservationRequest request;
        if (other != null && state.random.nextBoolean()) {
            request = new ReservationRequest(
                    new AddressRange(other.first(), other.last()),
                    other.reason(),
                    state.oneIn(3) ? "somebody-else" : other.owner(),
                    other.heldFor());
        } else {
            request = new ReservationRequest(
                    other != null ? from(other.last()) : range(subnet),
                    "spare",
                    state.pick(List.of("ops", "storage")),
                    heldFor.isEmpty() ? null : heldFor);
        }
        Object answer = state.onBoth("reserve " + name + " " + request, ipam -> ipam.reserve(name, request));
        if (answer instanceof IpamOperations.ReservationResult made && !made.isNew()) {
            state.covered.add("reserve the same");
        }
        return "reserved " + request + " of " + name;
    }

    private AddressRange range(Cidr subnet) {
        if (state.oneIn(8)) {
            return AddressRange.of(exclude(subnet));
        }
        if (state.oneIn(12)) {
            return from(subnet.last());
        }
        return from(subnet.network().plus(state.random.nextInt((int) subnet.size())));
    }

    private AddressRange from(IpAddress first) {
        return new AddressRange(first, first.plus(state.random.nextInt(state.oneIn(3) ? 200 : 12)));
    }

    private List<ObservedState.Reservation> reservations(String network) {
        return state.observed().reservations().stream()
                .filter(each -> each.network().equals(network))
                .sorted(Comparator.comparing(ObservedState.Reservation::first))
                .toList();
    }

    /// Removes a reservation, if there is one; else an address without one.
    String unreserve() {
        String network = state.pick(NETWORKS);
        Optional<IpAddress> first = Optional.of(reservations(network))
                .filter(all -> !all.isEmpty())
                .map(all -> state.pick(all).first());
        IpAddress address = first.orElse(IpAddress.parse("192.168.0.7"));
        state.onBoth("unreserve " + network + " " + address, ipam -> {
            ipam.unreserve(network, address);
            return null;
        });
        return "unreserved " + address + " of " + network;
    }

    /// Releases an address, mostly a held one; empty if there is none.
    Optional<String> release() {
        var held = state.observed().ledger().entrySet().stream()
                .filter(entry -> entry.getValue().holder().isPresent() || state.oneIn(10))
                .map(Map.Entry::getKey)
                .filter(key -> state.networks.containsKey(key.network()))
                .sorted(Comparator.comparing(ObservedState.Key::toString))
                .toList();
        if (held.isEmpty()) {
            return Optional.empty();
        }
        ObservedState.Key key = state.pick(held);
        state.onBoth("release " + key, ipam -> ipam.release(key.network(), key.address()));
        return Optional.of("released " + key);
    }
}
