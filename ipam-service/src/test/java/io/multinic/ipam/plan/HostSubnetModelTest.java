package io.multinic.ipam.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.ipam.plan.OccupiedAddresses.OtherSubnet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random walks as in [PlannerModelTest], in host-subnet mode: hosts join and leave with addresses in each other's
/// blocks, NICs have networks that overlap or are too small, and subnets of other networks appear and disappear. Each
/// step plans the nodes that the service would plan and then checks all blocks, address by address. `-Dseeds=1000` for
/// a long run.
class HostSubnetModelTest {
    private static final int STEPS = 200;
    private static final int MAX_NODES = 14;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 50));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void blocksExcludeHostAddressesAndNeverMove(long seed) {
        new Walk(seed).run();
    }

    private record NicKey(String node, String nic) {}

    private static final class Walk {
        private final Random random;
        private final String where;
        private final boolean withMasterNets;
        private final Map<String, Map<String, Nic>> nodes = new LinkedHashMap<>();
        /// The addresses of all NICs, including removed ones.
        private final Map<NicKey, IpAddress> hostAddresses = new HashMap<>();

        private final Map<HostKey, HostSlot> slots = new HashMap<>();
        private final Map<Cidr, Integer> interfaces = new HashMap<>();
        private NetworkDefinition network;
        private List<OtherSubnet> otherSubnets = List.of();
        /// Addresses that were looked at since hosts or excludes changed.
        private final Map<IpAddress, Boolean> reserved = new HashMap<>();

        private String at = "";
        private int nextNode;

        Walk(long seed) {
            random = new Random(seed);
            where = "seed " + seed;
            withMasterNets = random.nextBoolean();
            network = define(List.of());
        }

        private NetworkDefinition define(List<Cidr> excludes) {
            var masterNets =
                    withMasterNets ? List.of(Cidr.parse("10.0.2.0/24"), Cidr.parse("10.0.0.0/24")) : List.<Cidr>of();
            return new NetworkDefinition("net", List.of(), masterNets, 0, 6, excludes, true);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                at = where + ", step " + step;
                switch (random.nextInt(12)) {
                    case 0 -> exclude();
                    case 1 -> retire();
                    case 2 -> otherSubnet();
                    default -> change();
                }
                checkAllBlocks();
            }
        }

        private void change() {
            String node = nodes.isEmpty() || (nodes.size() < MAX_NODES && random.nextInt(3) == 0)
                    ? "node-" + nextNode++
                    : pick();
            Map<String, Nic> nics = nodes.computeIfAbsent(node, name -> new TreeMap<>());
            String name = "eth" + random.nextInt(3);
            var changed = new TreeSet<IpAddress>();
            if (nics.remove(name) == null) {
                var nic = new Nic(name, List.of(randomAddress()));
                nics.put(name, nic);
                IpAddress address = nic.addresses().getFirst().address();
                IpAddress before = hostAddresses.put(new NicKey(node, name), address);
                changed.add(address);
                if (before != null) {
                    changed.add(before);
                }
            }
            Set<String> planned = ownersOf(changed);
            planned.add(node);
            plan(planned);
        }

        private PrefixedAddress randomAddress() {
            return switch (random.nextInt(12)) {
                case 0 -> PrefixedAddress.parse("10.0.1." + (1 + random.nextInt(40)) + "/22");
                case 1 -> PrefixedAddress.parse("10.0.3." + (1 + random.nextInt(2)) + "/27");
                default -> PrefixedAddress.parse("10.0." + random.nextInt(3) + "." + (1 + random.nextInt(24)) + "/24");
            };
        }

        private String pick() {
            return new ArrayList<>(nodes.keySet()).get(random.nextInt(nodes.size()));
        }

        private Set<String> ownersOf(Set<IpAddress> addresses) {
            return slots.values().stream()
                    .filter(slot -> addresses.stream()
                            .anyMatch(address ->
                                    slot.blocks().getFirst().podBlock().contains(address)))
                    .map(slot -> slot.key().nodeUid())
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private void retire() {
            if (nodes.isEmpty()) {
                return;
            }
            String node = pick();
            nodes.remove(node);
            var freed = new TreeSet<IpAddress>();
            hostAddresses.entrySet().removeIf(entry -> {
                boolean gone = entry.getKey().node().equals(node);
                if (gone) {
                    freed.add(entry.getValue());
                }
                return gone;
            });
            slots.keySet().removeIf(key -> key.nodeUid().equals(node));
            plan(ownersOf(freed));
        }

        /// Adds or removes the subnet of another network, as its PUT or DELETE would.
        private void otherSubnet() {
            var subnet = Cidr.containing(IpAddress.parse("10.0." + random.nextInt(4) + ".0"), 24);
            boolean free = interfaces.keySet().stream().noneMatch(subnet::overlaps)
                    && network.masterNets().stream().noneMatch(subnet::overlaps);
            otherSubnets = otherSubnets.isEmpty() && free ? List.of(new OtherSubnet("two", subnet)) : List.of();
            plan(nodes.keySet());
        }

        /// Changes the excludes as an accepted edit does: blocks in use stay usable.
        private void exclude() {
            var excludes = new ArrayList<>(network.excludes());
            if (!excludes.isEmpty() && random.nextInt(3) == 0) {
                excludes.remove(random.nextInt(excludes.size()));
            } else {
                excludes.add(Cidr.containing(
                        IpAddress.parse("10.0." + random.nextInt(3) + "." + random.nextInt(256)),
                        26 + random.nextInt(7)));
            }
            var edited = define(excludes);
            var after = Planner.plan(edited, occupied(nodes.keySet()), indexes(), inventory(nodes.keySet()));
            if (PlanDiff.between(List.copyOf(slots.values()), after.hosts())
                    .vacated()
                    .isEmpty()) {
                network = edited;
                plan(nodes.keySet());
            }
        }

        private void plan(Set<String> planned) {
            reserved.clear();
            Indexes previous = indexes();
            if (random.nextBoolean()) {
                previous = asReadFor(planned);
            }
            check(Planner.plan(network, occupied(planned), previous, inventory(planned)), planned);
        }

        private List<HostNics> inventory(Set<String> uids) {
            return uids.stream()
                    .map(uid -> new HostNics(
                            uid, List.copyOf(nodes.getOrDefault(uid, Map.of()).values())))
                    .toList();
        }

        private Indexes indexes() {
            var hosts = new HashMap<HostKey, Integer>();
            slots.forEach((key, slot) -> hosts.put(key, slot.hostIndex()));
            return new Indexes(interfaces, hosts);
        }

        /// The indexes as the store reads them: of all other nodes only the ranges in use.
        private Indexes asReadFor(Set<String> planned) {
            var own = new HashMap<HostKey, Integer>();
            var ranges = new HashMap<Cidr, List<IndexRanges.Range>>();
            slots.forEach((key, slot) -> {
                if (planned.contains(key.nodeUid())) {
                    own.put(key, slot.hostIndex());
                }
                ranges.computeIfAbsent(key.masterNet(), net -> new ArrayList<>())
                        .add(new IndexRanges.Range(slot.hostIndex(), slot.hostIndex()));
            });
            var taken = new HashMap<Cidr, IndexRanges>();
            ranges.forEach((net, some) -> taken.put(net, new IndexRanges(some)));
            return new Indexes(interfaces, own, taken);
        }

        /// The addresses and subnets that the service reads, and no others.
        private OccupiedAddresses occupied(Set<String> planned) {
            Set<Cidr> networks = Planner.nicNetworks(network, asReadFor(planned), inventory(planned));
            return new OccupiedAddresses(
                    hostAddresses.values().stream()
                            .filter(address -> networks.stream().anyMatch(net -> net.contains(address)))
                            .map(address -> new Cidr(address, 32))
                            .toList(),
                    otherSubnets);
        }

        private void check(Plan plan, Set<String> planned) {
            checkInterfaces(plan);
            var before = Map.copyOf(slots);
            var kept = plan.hosts().stream().map(HostSlot::key).collect(Collectors.toSet());
            for (HostSlot slot : plan.hosts()) {
                HostSlot known = before.get(slot.key());
                if (known != null) {
                    assertThat(slot.hostIndex())
                            .as(() -> at + ": stable index of " + slot.key())
                            .isEqualTo(known.hostIndex());
                } else {
                    assertThat(slot.hostIndex())
                            .as(() -> at + ": the lowest free index with an address for pods, for " + slot.key())
                            .isEqualTo(lowestFree(slot));
                }
                slots.put(slot.key(), slot);
            }
            before.keySet().stream()
                    .filter(key -> planned.contains(key.nodeUid()))
                    .forEach(key -> assertThat(kept)
                            .as(() -> at + ": assigned indexes stay")
                            .contains(key));
            checkAllPlaced(plan, planned);
        }

        private void checkInterfaces(Plan plan) {
            interfaces.forEach((net, index) -> assertThat(plan.interfaces())
                    .as(() -> at + ": a NICs' network keeps its index")
                    .contains(new InterfaceSlot(index, net, List.of(net))));
            plan.interfaces().forEach(slot -> interfaces.put(slot.masterNet(), slot.index()));
            assertThat(interfaces.values()).as(at).doesNotHaveDuplicates();
            for (Cidr net : interfaces.keySet()) {
                assertThat(interfaces.keySet().stream().filter(net::overlaps))
                        .as(at)
                        .containsExactly(net);
                assertThat(otherSubnets)
                        .as(at)
                        .noneMatch(other -> other.subnet().overlaps(net));
            }
        }

        private int lowestFree(HostSlot slot) {
            var taken = slots.entrySet().stream()
                    .filter(entry ->
                            entry.getKey().masterNet().equals(slot.key().masterNet()))
                    .map(entry -> entry.getValue().hostIndex())
                    .collect(Collectors.toSet());
            Cidr net = slot.key().masterNet();
            int index = 0;
            while (taken.contains(index) || room(net, index) == 0) {
                index++;
            }
            return index;
        }

        /// Counts address by address, independently of the planner.
        private long room(Cidr net, int index) {
            int length = net.prefixLength() + network.hostBlock();
            var block = new Cidr(net.network().plus(index, 32 - length), length);
            long room = 0;
            for (long i = 0; i < block.size(); i++) {
                IpAddress address = block.network().plus(i);
                boolean special = address.equals(net.network()) || address.equals(net.last());
                if (!special && !isReserved(address)) {
                    room++;
                }
            }
            return room;
        }

        private boolean isReserved(IpAddress address) {
            return reserved.computeIfAbsent(
                    address,
                    any -> hostAddresses.containsValue(address)
                            || network.excludes().stream().anyMatch(exclude -> exclude.contains(address)));
        }

        private void checkAllPlaced(Plan plan, Set<String> planned) {
            for (String node : planned) {
                for (Nic nic : nodes.getOrDefault(node, Map.of()).values()) {
                    Cidr net = nic.addresses().getFirst().network();
                    if (withMasterNets && !network.masterNets().contains(net)) {
                        continue;
                    }
                    boolean placed = plan.hosts().stream()
                            .anyMatch(slot -> slot.present() && slot.key().equals(new HostKey(node, nic.name(), net)));
                    boolean reported = plan.unplaced().stream()
                            .anyMatch(unplaced -> unplaced.nodeUid().equals(node)
                                    && unplaced.nic().equals(nic.name())
                                    && !unplaced.reason().contains("is left for pods"));
                    assertThat(placed ^ reported)
                            .as(() -> at + ": " + node + " " + nic)
                            .isTrue();
                }
            }
        }

        /// Checks the blocks of all nodes, including those that were not planned in this step.
        private void checkAllBlocks() {
            for (HostSlot slot : slots.values()) {
                PlannedBlock block = slot.blocks().getFirst();
                assertThat(block.interfaceBlock()).as(at).isEqualTo(slot.key().masterNet());
                for (long i = 0; i < block.podBlock().size(); i++) {
                    IpAddress address = block.podBlock().network().plus(i);
                    assertThat(block.excluded().stream().anyMatch(part -> part.contains(address)))
                            .as(() -> at + ": " + address + " is excluded for the pods of " + slot.key())
                            .isEqualTo(isReserved(address));
                }
                assertThat(block.capacity().value().longValueExact())
                        .as(at)
                        .isEqualTo(room(slot.key().masterNet(), slot.hostIndex()));
            }
        }
    }
}
