package io.multinic.ipam.model;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.ipam.model.ObservedState.SlotKey;
import io.multinic.ipam.model.ObservedState.UnplacedNic;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The plan of a network by counting addresses: a subnet is a range of addresses, an exclude marks some of them, a
/// block is a part of the range. Indexes are searched from 0 upwards each time.
final class ReferencePlan {
    private final NetworkDefinition definition;
    private final List<Subnet> subnets;
    private final Map<Cidr, Integer> interfaces = new HashMap<>();
    private final Map<SlotKey, Integer> indexes = new HashMap<>();
    private final Set<SlotKey> present = new HashSet<>();
    private final Set<UnplacedNic> missing = new HashSet<>();

    ReferencePlan(NetworkDefinition definition) {
        this.definition = definition;
        this.subnets = definition.subnets().stream()
                .map(subnet -> new Subnet(subnet.toString(), definition.excludes()))
                .toList();
    }

    private ReferencePlan(ReferencePlan other) {
        this.definition = other.definition;
        this.subnets = other.subnets;
        interfaces.putAll(other.interfaces);
        indexes.putAll(other.indexes);
        present.addAll(other.present);
        missing.addAll(other.missing);
    }

    /// A small subnet; an address is its distance from the first one.
    private static final class Subnet {
        private final BigInteger first;
        private final int size;
        private final boolean ipv4;
        private final BitSet excluded = new BitSet();
        /// Blocks by their first address: the same ones are asked for after every step.
        private final Map<Long, ObservedState.Block> blocks = new HashMap<>();

        Subnet(String cidr, List<Cidr> excludes) {
            ipv4 = cidr.indexOf(':') < 0;
            first = number(cidr.substring(0, cidr.indexOf('/')));
            size = 1 << (width(cidr) - length(cidr));
            for (Cidr each : excludes) {
                String text = each.toString();
                if (width(text) == width(cidr)) {
                    BigInteger from =
                            number(text.substring(0, text.indexOf('/'))).subtract(first);
                    BigInteger to = from.add(BigInteger.ONE.shiftLeft(width(text) - length(text)));
                    excluded.set(within(from), within(to));
                }
            }
        }

        private static int width(String cidr) {
            return cidr.indexOf(':') < 0 ? 32 : 128;
        }

        private static int length(String cidr) {
            return Integer.parseInt(cidr.substring(cidr.indexOf('/') + 1));
        }

        private static BigInteger number(String address) {
            try {
                return new BigInteger(1, InetAddress.getByName(address).getAddress());
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(e);
            }
        }

        private int within(BigInteger distance) {
            return distance.max(BigInteger.ZERO).min(BigInteger.valueOf(size)).intValue();
        }

        private String text(int distance) {
            BigInteger address = first.add(BigInteger.valueOf(distance));
            byte[] bytes = address.toByteArray();
            int length = ipv4 ? 4 : 16;
            byte[] padded = new byte[length];
            for (int i = 0; i < length && i < bytes.length; i++) {
                padded[length - 1 - i] = bytes[bytes.length - 1 - i];
            }
            try {
                return InetAddress.getByAddress(padded).getHostAddress();
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }

        private ObservedState.Block block(int from, int addresses) {
            return blocks.computeIfAbsent(((long) from << 32) + addresses, any -> newBlock(from, addresses));
        }

        private ObservedState.Block newBlock(int from, int addresses) {
            int prefix = (ipv4 ? 32 : 128) - Integer.numberOfTrailingZeros(addresses);
            return new ObservedState.Block(Cidr.parse(text(from) + "/" + prefix), excluded.get(from, from + addresses));
        }

        private boolean has(String address) {
            BigInteger distance = number(address).subtract(first);
            return address.indexOf(':') < 0 == ipv4
                    && distance.signum() >= 0
                    && distance.compareTo(BigInteger.valueOf(size)) < 0;
        }

        /// Pods get neither the first address of an interface block nor, for IPv4, the last one (broadcast).
        private boolean hasOneForPods(int from, int addresses, int share) {
            int start = from / share * share;
            for (int each = from; each < from + addresses; each++) {
                boolean special = each == start || (ipv4 && each == start + share - 1);
                if (!special && !excluded.get(each)) {
                    return true;
                }
            }
            return false;
        }

        private boolean allExcluded(int from, int addresses) {
            return excluded.nextClearBit(from) >= from + addresses;
        }
    }

    private int interfaceCount() {
        return 1 << definition.interfaceBlock();
    }

    private int hostCount() {
        return 1 << definition.hostBlock();
    }

    private boolean usable(int interfaceIndex) {
        return interfaceIndex < interfaceCount()
                && subnets.stream().noneMatch(subnet -> {
                    int share = subnet.size / interfaceCount();
                    return subnet.allExcluded(interfaceIndex * share, share);
                });
    }

    private boolean usable(int interfaceIndex, int hostIndex) {
        return hostIndex < hostCount()
                && subnets.stream().noneMatch(subnet -> {
                    int share = subnet.size / interfaceCount();
                    int block = share / hostCount();
                    return subnet.allExcluded(interfaceIndex * share + hostIndex * block, block);
                });
    }

    private boolean hasAddressesForPods(Subnet subnet, int interfaceIndex, int hostIndex) {
        int share = subnet.size / interfaceCount();
        int block = share / hostCount();
        return subnet.hasOneForPods(interfaceIndex * share + hostIndex * block, block, share);
    }

    NetworkDefinition definition() {
        return definition;
    }

    /// True if a subnet of the network contains the address.
    boolean has(IpAddress address) {
        return subnets.stream().anyMatch(subnet -> subnet.has(address.toString()));
    }

    boolean sharesAnAddressWith(ReferencePlan other) {
        return subnets.stream()
                .anyMatch(ours -> other.subnets.stream()
                        .anyMatch(theirs -> ours.ipv4 == theirs.ipv4
                                && ours.first.compareTo(theirs.first.add(BigInteger.valueOf(theirs.size))) < 0
                                && theirs.first.compareTo(ours.first.add(BigInteger.valueOf(ours.size))) < 0));
    }

    Set<String> owners() {
        return indexes.keySet().stream().map(SlotKey::uid).collect(Collectors.toSet());
    }

    Set<String> uidsWithSomethingMissing() {
        return missing.stream().map(UnplacedNic::uid).collect(Collectors.toSet());
    }

    ReferencePlan without(String uid) {
        var next = new ReferencePlan(this);
        next.indexes.keySet().removeIf(key -> key.uid().equals(uid));
        next.present.removeIf(key -> key.uid().equals(uid));
        next.missing.removeIf(each -> each.uid().equals(uid));
        return next;
    }

    /// The same indexes under another definition, where they are usable.
    ReferencePlan edited(NetworkDefinition other, Map<String, List<Nic>> nicsByUid, List<IpAddress> held) {
        var next = new ReferencePlan(other);
        interfaces.entrySet().stream()
                .filter(entry ->
                        other.masterNets().isEmpty() || other.masterNets().contains(entry.getKey()))
                .filter(entry -> next.usable(entry.getValue()))
                .forEach(entry -> next.interfaces.put(entry.getKey(), entry.getValue()));
        next.missing.addAll(missing);
        next.placeInterfaces(nicsByUid);
        indexes.forEach((key, index) -> {
            Integer interfaceIndex = next.interfaces.get(key.masterNet());
            if (interfaceIndex != null && next.usable(interfaceIndex, index)) {
                next.indexes.put(key, index);
            }
        });
        return next.with(nicsByUid, held);
    }

    /// The plan after these nodes have reported these NICs.
    ///
    /// @param held addresses that pods hold; no block with one of them is assigned
    ReferencePlan with(Map<String, List<Nic>> nicsByUid, List<IpAddress> held) {
        var next = new ReferencePlan(this);
        next.placeInterfaces(nicsByUid);
        next.missing.removeIf(each -> nicsByUid.containsKey(each.uid()));
        next.present.removeIf(key -> nicsByUid.containsKey(key.uid()));
        nicsByUid.forEach((uid, nics) -> nics.forEach(nic -> next.place(uid, nic, held)));
        return next;
    }

    private void placeInterfaces(Map<String, List<Nic>> nicsByUid) {
        List<Cidr> wanted = definition.masterNets();
        if (wanted.isEmpty()) {
            var found = new TreeSet<Cidr>(Comparator.comparing(Cidr::toString));
            nicsByUid.values().forEach(nics -> nics.forEach(nic -> found.addAll(networks(nic))));
            wanted = List.copyOf(found);
        }
        for (Cidr net : wanted) {
            for (int index = 0; index < interfaceCount() && !interfaces.containsKey(net); index++) {
                if (!interfaces.containsValue(index) && usable(index)) {
                    interfaces.put(net, index);
                }
            }
        }
    }

    private static boolean isLinkLocal(PrefixedAddress address) {
        return address.toString().startsWith("169.254.") || address.toString().startsWith("fe80:");
    }

    private List<Cidr> networks(Nic nic) {
        var all = new LinkedHashSet<Cidr>();
        nic.addresses().forEach(address -> all.add(address.network()));
        if (!definition.masterNets().isEmpty()) {
            all.retainAll(definition.masterNets());
            return List.copyOf(all);
        }
        return nic.addresses().stream()
                .filter(address -> !isLinkLocal(address))
                .sorted(Comparator.comparing(
                        (PrefixedAddress address) -> address.toString().indexOf(':') >= 0))
                .map(PrefixedAddress::network)
                .limit(1)
                .toList();
    }

    private void place(String uid, Nic nic, List<IpAddress> held) {
        for (Cidr net : networks(nic)) {
            var key = new SlotKey(definition.name(), uid, nic.name(), net);
            Integer interfaceIndex = interfaces.get(net);
            Integer index = interfaceIndex == null ? null : index(key, interfaceIndex, held);
            if (index == null) {
                missing.add(new UnplacedNic(definition.name(), uid, nic.name(), false));
                continue;
            }
            indexes.put(key, index);
            present.add(key);
            for (Subnet subnet : subnets) {
                if (!hasAddressesForPods(subnet, Objects.requireNonNull(interfaceIndex), index)) {
                    missing.add(new UnplacedNic(definition.name(), uid, nic.name(), false));
                }
                if (nic.addresses().stream().noneMatch(a -> a.toString().indexOf(':') < 0 == subnet.ipv4)) {
                    missing.add(new UnplacedNic(definition.name(), uid, nic.name(), true));
                }
            }
        }
    }

    private @Nullable Integer index(SlotKey key, int interfaceIndex, List<IpAddress> held) {
        Integer known = indexes.get(key);
        if (known != null) {
            return known;
        }
        for (int index = 0; index < hostCount(); index++) {
            int candidate = index;
            boolean taken = indexes.entrySet().stream()
                    .anyMatch(entry ->
                            entry.getKey().masterNet().equals(key.masterNet()) && entry.getValue() == candidate);
            if (!taken
                    && usable(interfaceIndex, index)
                    && subnets.stream().allMatch(subnet -> hasAddressesForPods(subnet, interfaceIndex, candidate))
                    && blocks(interfaceIndex, index).stream()
                            .noneMatch(block -> held.stream().anyMatch(block.cidr()::contains))) {
                return index;
            }
        }
        return null;
    }

    Map<ObservedState.Interface, Integer> interfaces() {
        return interfaces.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> new ObservedState.Interface(definition.name(), entry.getKey()), Map.Entry::getValue));
    }

    Map<SlotKey, ObservedState.Slot> slots() {
        var slots = new HashMap<SlotKey, ObservedState.Slot>();
        indexes.forEach((key, index) -> {
            int interfaceIndex = interfaces.get(key.masterNet());
            slots.put(
                    key,
                    new ObservedState.Slot(
                            interfaceIndex, index, present.contains(key), blocks(interfaceIndex, index)));
        });
        return slots;
    }

    private List<ObservedState.Block> blocks(int interfaceIndex, int hostIndex) {
        return subnets.stream()
                .map(subnet -> {
                    int share = subnet.size / interfaceCount();
                    int block = share / hostCount();
                    return subnet.block(interfaceIndex * share + hostIndex * block, block);
                })
                .toList();
    }

    /// The NIC and the block that the address belongs to.
    Optional<Owner> owner(IpAddress address) {
        for (var slot : slots().entrySet()) {
            for (ObservedState.Block block : slot.getValue().blocks()) {
                if (block.cidr().contains(address)) {
                    return Optional.of(new Owner(slot.getKey(), block.cidr()));
                }
            }
        }
        return Optional.empty();
    }

    record Owner(SlotKey nic, Cidr block) {}

    Set<UnplacedNic> missing() {
        return missing;
    }
}
