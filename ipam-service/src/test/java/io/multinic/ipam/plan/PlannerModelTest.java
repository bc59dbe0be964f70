package io.multinic.ipam.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random walks over the planner: nodes and NICs appear, disappear and return, networks are edited, nodes are retired.
/// After every step each invariant holds, and each new index is the one that a naive search finds. `-Dseeds=1000` for
/// a long run.
class PlannerModelTest {
    private static final int STEPS = 200;
    private static final int MAX_NODES = 12;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 50));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void indexesAreStableDisjointAndLowestFree(long seed) {
        new Walk(seed).run();
    }

    private static final class Walk {
        private final Random random;
        private final String where;
        private final boolean withMasterNets;
        private final boolean dualStack;
        private final Map<String, Map<String, Nic>> nodes = new LinkedHashMap<>();
        private final Map<HostKey, Integer> owned = new HashMap<>();
        private final Map<Cidr, Integer> interfaces = new HashMap<>();
        private NetworkDefinition network;
        /// Blocks that were checked since the excludes changed, by interface and host index.
        private final Map<List<Integer>, Boolean> excluded = new HashMap<>();

        private Indexes indexes = Indexes.NONE;
        private int nextNode;

        Walk(long seed) {
            random = new Random(seed);
            where = "seed " + seed;
            withMasterNets = random.nextBoolean();
            dualStack = random.nextBoolean();
            network = define(List.of());
        }

        private NetworkDefinition define(List<Cidr> excludes) {
            var subnets = new ArrayList<>(List.of(Cidr.parse("192.168.0.0/16")));
            if (dualStack) {
                subnets.add(Cidr.parse("fd00:10::/56"));
            }
            var masterNets = withMasterNets ? List.of(net(2), net(0), net(1)) : List.<Cidr>of();
            return new NetworkDefinition("net", subnets, masterNets, 2, 4, excludes, true);
        }

        private static Cidr net(int i) {
            return Cidr.parse("10.0." + i + ".0/24");
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                String at = where + ", step " + step;
                if (random.nextInt(10) == 0) {
                    exclude();
                } else if (random.nextInt(12) == 0 && !nodes.isEmpty()) {
                    retire(pick());
                } else {
                    String node = change();
                    if (random.nextBoolean()) {
                        check(Planner.plan(network, asReadFor(node), List.of(inventory(node))), List.of(node), at);
                        continue;
                    }
                }
                var all = new ArrayList<>(nodes.keySet());
                check(
                        Planner.plan(
                                network,
                                indexes,
                                all.stream().map(this::inventory).toList()),
                        all,
                        at);
            }
        }

        /// The indexes as the store reads them: of all other nodes only the ranges in use.
        private Indexes asReadFor(String node) {
            var own = new HashMap<HostKey, Integer>();
            var taken = new HashMap<Cidr, List<IndexRanges.Range>>();
            owned.forEach((key, index) -> {
                if (key.nodeUid().equals(node)) {
                    own.put(key, index);
                } else {
                    taken.computeIfAbsent(key.masterNet(), net -> new ArrayList<>())
                            .add(new IndexRanges.Range(index, index));
                }
            });
            var others = new HashMap<Cidr, IndexRanges>();
            taken.forEach((net, ranges) -> others.put(net, new IndexRanges(ranges)));
            return new Indexes(interfaces, own, others);
        }

        private String pick() {
            return new ArrayList<>(nodes.keySet()).get(random.nextInt(nodes.size()));
        }

        private HostNics inventory(String node) {
            return new HostNics(
                    node, List.copyOf(nodes.getOrDefault(node, Map.of()).values()));
        }

        private String change() {
            if (nodes.isEmpty() || (nodes.size() < MAX_NODES && random.nextInt(4) == 0)) {
                String node = "node-" + nextNode++;
                nodes.put(node, new TreeMap<>());
                return node;
            }
            String node = pick();
            var nics = nodes.getOrDefault(node, new TreeMap<>());
            String name = "eth" + random.nextInt(4);
            if (nics.remove(name) == null) {
                String host = "." + random.nextInt(5) + "." + (1 + random.nextInt(200)) + "/24";
                nics.put(name, new Nic(name, List.of(PrefixedAddress.parse("10.0" + host))));
            }
            return node;
        }

        private void retire(String node) {
            nodes.remove(node);
            owned.keySet().removeIf(key -> key.nodeUid().equals(node));
            indexes = new Indexes(indexes.interfaces(), owned);
        }

        /// Changes the excludes as an accepted edit does: blocks in use stay usable.
        private void exclude() {
            int length = 16 + random.nextInt(17);
            var exclude = Cidr.containing(Cidr.parse("192.168.0.0/16").network().plus(random.nextInt(1 << 16)), length);
            var excludes = new ArrayList<>(network.excludes());
            if (!excludes.isEmpty() && random.nextInt(3) == 0) {
                excludes.remove(random.nextInt(excludes.size()));
            } else {
                excludes.add(exclude);
            }
            var edited = define(excludes);
            var before = Planner.plan(network, indexes, everyOwner());
            var after = Planner.plan(edited, indexes, everyOwner());
            if (PlanDiff.between(before.hosts(), after.hosts()).vacated().isEmpty()
                    && after.indexes().interfaces().entrySet().containsAll(interfaces.entrySet())) {
                network = edited;
                excluded.clear();
            }
        }

        private List<HostNics> everyOwner() {
            return nodes.keySet().stream().map(this::inventory).toList();
        }

        private void check(Plan plan, List<String> planned, String at) {
            checkInterfaces(plan, at);
            for (HostSlot slot : plan.hosts()) {
                assertThat(isExcluded(slot.interfaceIndex(), slot.hostIndex()))
                        .as(() -> at + ": a block without an address for " + slot.key())
                        .isFalse();
                Integer before = owned.get(slot.key());
                if (before == null) {
                    assertThat(slot.present())
                            .as(() -> at + ": a new index needs a NIC")
                            .isTrue();
                    assertThat(slot.hostIndex())
                            .as(() -> at + ": the lowest free index for " + slot.key())
                            .isEqualTo(lowestFree(slot));
                } else {
                    assertThat(slot.hostIndex())
                            .as(() -> at + ": stable index of " + slot.key())
                            .isEqualTo(before);
                }
                owned.put(slot.key(), slot.hostIndex());
            }
            var kept = plan.hosts().stream().map(HostSlot::key).toList();
            assertThat(kept).as(at).doesNotHaveDuplicates();
            owned.keySet().stream()
                    .filter(key -> planned.contains(key.nodeUid()))
                    .forEach(key -> assertThat(kept)
                            .as(() -> at + ": assigned indexes stay planned")
                            .contains(key));
            checkAllPlaced(plan, planned, at);
            checkBlocks(plan, at);
            indexes = new Indexes(interfaces, owned);
        }

        private void checkInterfaces(Plan plan, String at) {
            var next = new HashMap<Cidr, Integer>();
            plan.interfaces().forEach(slot -> next.put(slot.masterNet(), slot.index()));
            interfaces.forEach((net, index) -> assertThat(next).as(at).containsEntry(net, index));
            assertThat(next.values()).as(at).doesNotHaveDuplicates();
            interfaces.putAll(next);
        }

        private int lowestFree(HostSlot slot) {
            var taken = owned.entrySet().stream()
                    .filter(entry ->
                            entry.getKey().masterNet().equals(slot.key().masterNet()))
                    .map(Map.Entry::getValue)
                    .toList();
            int index = 0;
            while (taken.contains(index) || isExcluded(slot.interfaceIndex(), index)) {
                index++;
            }
            return index;
        }

        private boolean isExcluded(int interfaceIndex, int hostIndex) {
            return excluded.computeIfAbsent(
                    List.of(interfaceIndex, hostIndex), any -> isEveryAddressExcluded(interfaceIndex, hostIndex));
        }

        /// Checks address by address, independently of the planner.
        private boolean isEveryAddressExcluded(int interfaceIndex, int hostIndex) {
            Cidr block = network.layout(network.subnets().getFirst()).podBlock(interfaceIndex, hostIndex);
            for (long i = 0; i < block.size(); i++) {
                var address = block.network().plus(i);
                if (network.excludes().stream().noneMatch(exclude -> exclude.contains(address))) {
                    return false;
                }
            }
            return true;
        }

        private void checkAllPlaced(Plan plan, List<String> planned, String at) {
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
                                    && unplaced.reason().contains("is left"));
                    assertThat(placed ^ reported)
                            .as(() -> at + ": " + node + " " + nic)
                            .isTrue();
                }
            }
        }

        private void checkBlocks(Plan plan, String at) {
            for (IpFamily family : IpFamily.values()) {
                var blocks = plan.hosts().stream()
                        .flatMap(slot -> slot.blocks().stream())
                        .filter(block -> block.podBlock().family() == family)
                        .sorted(Comparator.comparing(PlannedBlock::podBlock))
                        .toList();
                for (int i = 0; i < blocks.size(); i++) {
                    PlannedBlock block = blocks.get(i);
                    assertThat(block.interfaceBlock().contains(block.podBlock()))
                            .as(at)
                            .isTrue();
                    assertThat(block.excluded()).as(at).allMatch(block.podBlock()::contains);
                    if (i > 0) {
                        assertThat(blocks.get(i - 1).podBlock().overlaps(block.podBlock()))
                                .as(() -> at + ": overlap at " + block)
                                .isFalse();
                    }
                }
            }
        }
    }
}
