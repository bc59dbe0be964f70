package io.multinic.ipam.truth;

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

/// Networks are made, edited and removed, addresses reserved, and taken from their holders.
final class UserSteps {
    private static final List<String> NETWORKS = List.of("one", "two", "three");
    private static final List<List<String>> SUBNETS = List.of(
            List.of("192.168.0.0/22"),
            List.of("192.168.4.0/22", "fd00:10::/118"),
            List.of("fd00:20::/118"),
            List.of("192.168.0.0/21"));

    private final World world;

    UserSteps(World world) {
        this.world = world;
    }

    String putNetwork() {
        return putNetwork(any -> true);
    }

    /// @param wanted what of it is tried
    String putNetwork(Predicate<NetworkDefinition> wanted) {
        String name = world.pick(NETWORKS);
        NetworkDefinition old = world.networks.get(name);
        NetworkDefinition definition = old != null && !world.oneIn(5)
                ? edit(old)
                : new NetworkDefinition(
                        name,
                        cidrs(world.pick(SUBNETS)),
                        masterNets(),
                        1 + world.random.nextInt(2),
                        2,
                        List.of(),
                        true);
        return wanted.test(definition) ? put(definition) : "nothing";
    }

    String put(NetworkDefinition definition) {
        String name = definition.name();
        String what = "network " + definition;
        Object answer = world.both(what, ipam -> {
            ipam.putNetwork(definition);
            return null;
        });
        if (answer == null) {
            world.networks.put(name, definition);
        } else if (answer == ErrorCode.NETWORK_EDIT_REFUSED && nothingIsHeldIn(name)) {
            world.met.add("network NETWORK_EDIT_REFUSED for a reservation");
        }
        return what;
    }

    private boolean nothingIsHeldIn(String network) {
        return world.seen().ledger().entrySet().stream()
                .noneMatch(entry -> entry.getKey().network().equals(network)
                        && entry.getValue().holder().isPresent());
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().map(Cidr::parse).toList();
    }

    private List<Cidr> masterNets() {
        var nets = new ArrayList<>(cidrs(List.of("10.0.0.0/24", "10.0.1.0/24", "fd01:2::/64")));
        Collections.shuffle(nets, world.random);
        return world.oneIn(3) ? List.of() : nets.subList(0, 1 + world.random.nextInt(2));
    }

    private NetworkDefinition edit(NetworkDefinition old) {
        int what = world.random.nextInt(9);
        var excludes = new ArrayList<>(old.excludes());
        if (what == 0 && world.oneIn(3)) { // leaves one address of the first block, which no pod can have
            Cidr subnet = world.pick(old.subnets());
            Cidr block =
                    Cidr.containing(subnet.network(), subnet.prefixLength() + old.interfaceBlock() + old.hostBlock());
            excludes.addAll(new AddressRange(block.first().plus(1), block.last()).blocks());
        } else if (what < 3) {
            excludes.add(exclude(world.pick(old.subnets())));
        } else if (what == 3 && !excludes.isEmpty()) {
            excludes.remove(world.random.nextInt(excludes.size()));
        }
        var subnets = new ArrayList<>(old.subnets());
        if (what == 4 && subnets.size() == 1) {
            subnets.add(Cidr.parse(subnets.getFirst().toString().indexOf(':') < 0 ? "fd00:30::/118" : "172.16.0.0/22"));
        } else if (what == 8 && subnets.size() == 2) {
            subnets.remove(world.random.nextInt(2));
        }
        int hostBlock = what == 5 ? 2 + world.random.nextInt(2) : old.hostBlock();
        int interfaceBlock = what == 6 ? 1 + world.random.nextInt(2) : old.interfaceBlock();
        return new NetworkDefinition(
                old.name(),
                subnets,
                what == 7 ? masterNets() : old.masterNets(),
                interfaceBlock,
                hostBlock,
                excludes,
                !world.oneIn(10));
    }

    private Cidr exclude(Cidr subnet) {
        int length = subnet.prefixLength() + 1 + world.random.nextInt(subnet.hostBits());
        return Cidr.containing(subnet.network().plus(world.random.nextInt((int) subnet.size())), length);
    }

    String deleteNetwork() {
        String name = world.pick(NETWORKS);
        boolean reserved = world.seen().reservations().stream()
                .anyMatch(each -> each.network().equals(name));
        Object answer = world.both("delete " + name, ipam -> {
            ipam.deleteNetwork(name);
            return null;
        });
        if (answer == null) {
            world.networks.remove(name);
            if (reserved) {
                world.met.add("delete with reservations");
            }
        }
        return "network " + name + " deleted";
    }

    /// Mostly addresses that can be reserved; now and then some that are, the very same again, or some that
    /// the network has not.
    String reserve() {
        NetworkDefinition network = world.oneIn(20) ? null : world.networks.get(world.pick(NETWORKS));
        String name = network == null ? world.pick(NETWORKS) : network.name();
        Cidr subnet = network == null ? Cidr.parse("192.168.0.0/22") : world.pick(network.subnets());
        var others = reservations(name);
        Seen.Reservation other = others.isEmpty() || !world.oneIn(4) ? null : world.pick(others);
        String heldFor = world.pick(List.of("", "default", "default/pod-c7"));
        ReservationRequest request;
        if (other != null && world.random.nextBoolean()) {
            request = new ReservationRequest(
                    new AddressRange(other.first(), other.last()),
                    other.reason(),
                    world.oneIn(3) ? "somebody-else" : other.owner(),
                    other.heldFor());
        } else {
            request = new ReservationRequest(
                    other != null ? from(other.last()) : range(subnet),
                    "spare",
                    world.pick(List.of("ops", "storage")),
                    heldFor.isEmpty() ? null : heldFor);
        }
        Object answer = world.both("reserve " + name + " " + request, ipam -> ipam.reserve(name, request));
        if (answer instanceof Ipam.Made made && !made.isNew()) {
            world.met.add("reserve the same");
        }
        return "reserved " + request + " of " + name;
    }

    private AddressRange range(Cidr subnet) {
        if (world.oneIn(8)) {
            return AddressRange.of(exclude(subnet));
        }
        if (world.oneIn(12)) {
            return from(subnet.last());
        }
        return from(subnet.network().plus(world.random.nextInt((int) subnet.size())));
    }

    private AddressRange from(IpAddress first) {
        return new AddressRange(first, first.plus(world.random.nextInt(world.oneIn(3) ? 200 : 12)));
    }

    private List<Seen.Reservation> reservations(String network) {
        return world.seen().reservations().stream()
                .filter(each -> each.network().equals(network))
                .sorted(Comparator.comparing(Seen.Reservation::first))
                .toList();
    }

    /// Mostly one that is there.
    String unreserve() {
        String network = world.pick(NETWORKS);
        Optional<IpAddress> first = Optional.of(reservations(network))
                .filter(all -> !all.isEmpty())
                .map(all -> world.pick(all).first());
        IpAddress address = first.orElse(IpAddress.parse("192.168.0.7"));
        world.both("unreserve " + network + " " + address, ipam -> {
            ipam.unreserve(network, address);
            return null;
        });
        return "unreserved " + address + " of " + network;
    }

    /// Mostly an address that is held; nothing if there is none.
    Optional<String> release() {
        var held = world.seen().ledger().entrySet().stream()
                .filter(entry -> entry.getValue().holder().isPresent() || world.oneIn(10))
                .map(Map.Entry::getKey)
                .filter(key -> world.networks.containsKey(key.network()))
                .sorted(Comparator.comparing(Seen.Key::toString))
                .toList();
        if (held.isEmpty()) {
            return Optional.empty();
        }
        Seen.Key key = world.pick(held);
        world.both("release " + key, ipam -> ipam.release(key.network(), key.address()));
        return Optional.of("released " + key);
    }
}
