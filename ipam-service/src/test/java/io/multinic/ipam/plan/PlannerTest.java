package io.multinic.ipam.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final Cidr NET1 = Cidr.parse("10.0.1.0/24");
    private static final Cidr NET2 = Cidr.parse("10.0.2.0/24");

    private static NetworkDefinition network(
            String subnets, List<Cidr> masterNets, int interfaceBlock, int hostBlock, String... excludes) {
        return new NetworkDefinition(
                "net", cidrs(subnets.split(",")), masterNets, interfaceBlock, hostBlock, cidrs(excludes), true);
    }

    private static List<Cidr> cidrs(String... texts) {
        return Arrays.stream(texts).map(Cidr::parse).toList();
    }

    private static Nic nic(String name, String... addresses) {
        return new Nic(
                name, Arrays.stream(addresses).map(PrefixedAddress::parse).toList());
    }

    /// Host n of the compatibility page: 10.0.1.n on eth1, 10.0.2.n on eth2.
    private static HostNics host(int n) {
        return new HostNics(
                "host" + n, List.of(nic("eth1", "10.0.1." + n + "/24"), nic("eth2", "10.0.2." + n + "/24")));
    }

    private static List<HostNics> hosts(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(PlannerTest::host).toList();
    }

    private static HostSlot slot(Plan plan, String node, String nic) {
        return plan.hosts().stream()
                .filter(slot ->
                        slot.key().nodeUid().equals(node) && slot.key().nic().equals(nic))
                .findFirst()
                .orElseThrow();
    }

    private static String podBlock(Plan plan, String node, String nic) {
        return slot(plan, node, nic).blocks().getFirst().podBlock().toString();
    }

    private static List<Integer> hostIndexes(Plan plan, int interfaceIndex) {
        return plan.hosts().stream()
                .filter(slot -> slot.interfaceIndex() == interfaceIndex)
                .map(HostSlot::hostIndex)
                .toList();
    }

    @Test
    void blocksEqualThoseOfTheOriginal() {
        var plan = Planner.plan(network("192.168.0.0/16", List.of(NET1, NET2), 2, 6), Indexes.NONE, hosts(2));
        assertThat(podBlock(plan, "host1", "eth1")).isEqualTo("192.168.0.0/24");
        assertThat(podBlock(plan, "host1", "eth2")).isEqualTo("192.168.64.0/24");
        assertThat(podBlock(plan, "host2", "eth1")).isEqualTo("192.168.1.0/24");
        assertThat(podBlock(plan, "host2", "eth2")).isEqualTo("192.168.65.0/24");
        assertThat(plan.interfaces())
                .extracting(slot -> slot.blocks().toString())
                .containsExactly("[192.168.0.0/18]", "[192.168.64.0/18]");
        assertThat(plan.unplaced()).isEmpty();
    }

    @Test
    void excludedHostBlocksAreSkippedAndSmallerExcludesStayInside() {
        var network = network(
                "192.168.0.0/16", List.of(NET1, NET2), 2, 8, "192.168.0.64/26", "192.168.0.128/30", "192.168.1.7/32");
        var plan = Planner.plan(network, Indexes.NONE, hosts(4));
        assertThat(hostIndexes(plan, 0)).containsExactly(0, 2, 3, 4);
        assertThat(hostIndexes(plan, 1)).containsExactly(0, 1, 2, 3);
        var second = slot(plan, "host2", "eth1").blocks().getFirst();
        assertThat(second.podBlock()).isEqualTo(Cidr.parse("192.168.0.128/26"));
        assertThat(second.excluded()).containsExactly(Cidr.parse("192.168.0.128/30"));
        assertThat(slot(plan, "host1", "eth1").blocks().getFirst().excluded()).isEmpty();
        assertThat(slot(plan, "host4", "eth1").blocks().getFirst().excluded())
                .containsExactly(Cidr.parse("192.168.1.7/32"));
    }

    @Test
    void excludesThatCoverBlockTogetherExcludeIt() {
        var network = network("192.168.0.0/16", List.of(NET1), 2, 8, "192.168.0.0/27", "192.168.0.32/27");
        assertThat(hostIndexes(Planner.plan(network, Indexes.NONE, hosts(2)), 0))
                .containsExactly(1, 2);
    }

    @Test
    void excludedInterfaceBlockIsSkipped() {
        var network = network("192.168.0.0/16", List.of(NET1, NET2), 2, 8, "192.168.0.0/17");
        var plan = Planner.plan(network, Indexes.NONE, hosts(1));
        assertThat(plan.interfaces()).extracting(InterfaceSlot::index).containsExactly(2, 3);
    }

    @Test
    void interfaceIndexesFollowMasterNetsAndExistWithoutNics() {
        var plan = Planner.plan(network("192.168.0.0/16", List.of(NET2, NET1), 2, 6), Indexes.NONE, List.of());
        assertThat(plan.interfaces()).extracting(InterfaceSlot::masterNet).containsExactly(NET2, NET1);
        assertThat(plan.interfaces()).extracting(InterfaceSlot::index).containsExactly(0, 1);
    }

    @Test
    void nicNetworksAreUsedSortedWithoutMasterNets() {
        var network = network("192.168.0.0/16", List.of(), 2, 6);
        var first = Planner.plan(
                network,
                Indexes.NONE,
                List.of(
                        new HostNics("a", List.of(nic("eth1", "10.0.9.1/24"))),
                        new HostNics("b", List.of(nic("eth1", "10.0.2.1/24")))));
        assertThat(first.interfaces())
                .extracting(slot -> slot.masterNet().toString())
                .containsExactly("10.0.2.0/24", "10.0.9.0/24");
        var second =
                Planner.plan(network, first.indexes(), List.of(new HostNics("c", List.of(nic("eth1", "10.0.1.1/24")))));
        assertThat(second.interfaces())
                .extracting(slot -> slot.masterNet().toString())
                .containsExactly("10.0.2.0/24", "10.0.9.0/24", "10.0.1.0/24");
    }

    @Test
    void removedMasterNetFreesItsIndexForTheNextOne() {
        var first = Planner.plan(network("192.168.0.0/16", List.of(NET1, NET2), 1, 6), Indexes.NONE, hosts(1));
        var next = Cidr.parse("10.0.3.0/24");
        var second = Planner.plan(network("192.168.0.0/16", List.of(next, NET2), 1, 6), first.indexes(), hosts(1));
        assertThat(second.interfaces()).extracting(InterfaceSlot::masterNet).containsExactly(next, NET2);
        assertThat(podBlock(second, "host1", "eth2")).isEqualTo(podBlock(first, "host1", "eth2"));
        assertThat(second.hosts()).hasSize(1);
    }

    @Test
    void nicsOfHostInOneNetworkGetAnIndexEach() {
        var twoRails = new HostNics("a", List.of(nic("eth1", "10.0.1.1/24"), nic("eth2", "10.0.1.2/24")));
        var plan = Planner.plan(network("192.168.0.0/16", List.of(NET1), 2, 6), Indexes.NONE, List.of(twoRails));
        assertThat(hostIndexes(plan, 0)).containsExactly(0, 1);
        assertThat(plan.hosts()).extracting(HostSlot::viaIpv4).doesNotHaveDuplicates();
    }

    @Test
    void removedNicKeepsIndexAndBlock() {
        var network = network("192.168.0.0/16", List.of(NET1, NET2), 2, 6);
        var first = Planner.plan(network, Indexes.NONE, hosts(2));
        var without = new HostNics("host1", List.of(nic("eth2", "10.0.2.1/24")));
        var second = Planner.plan(network, first.indexes(), List.of(without, host(2), host(3)));
        var gone = slot(second, "host1", "eth1");
        assertThat(gone.present()).isFalse();
        assertThat(gone.viaIpv4()).isNull();
        assertThat(gone.blocks()).isEqualTo(slot(first, "host1", "eth1").blocks());
        assertThat(slot(second, "host3", "eth1").hostIndex()).isEqualTo(2);
    }

    @Test
    void joiningNodePlannedAloneGetsTheSameBlocks() {
        var network = network("192.168.0.0/16", List.of(NET1, NET2), 2, 6);
        var before = Planner.plan(network, Indexes.NONE, hosts(2));
        var alone = Planner.plan(network, before.indexes(), List.of(host(3)));
        var all = Planner.plan(network, before.indexes(), hosts(3));
        assertThat(alone.hosts()).hasSize(2);
        assertThat(all.hosts()).containsAll(alone.hosts()).containsAll(before.hosts());
    }

    @Test
    void bothFamiliesShareTheIndexes() {
        var network = network("192.168.0.0/16,fd00:10::/56", List.of(NET1), 2, 6, "192.168.0.0/24", "fd00:10:0:1::/64");
        var dual = new HostNics("a", List.of(nic("eth1", "fe80::1/64", "10.0.1.1/24", "fd00:1::1/64")));
        var plan = Planner.plan(network, Indexes.NONE, List.of(dual));
        var slot = slot(plan, "a", "eth1");
        assertThat(slot.hostIndex()).isEqualTo(2);
        assertThat(slot.blocks())
                .extracting(block -> block.podBlock().toString())
                .containsExactly("192.168.2.0/24", "fd00:10:0:2::/64");
        assertThat(slot.viaIpv4()).hasToString("10.0.1.1");
        assertThat(slot.viaIpv6()).hasToString("fd00:1::1");
        assertThat(plan.unplaced()).isEmpty();
    }

    @Test
    void orderOfSubnetsChangesNothing() {
        var first = Planner.plan(network("192.168.0.0/16,fd00:10::/56", List.of(NET1), 2, 6), Indexes.NONE, hosts(2));
        var second =
                Planner.plan(network("fd00:10::/56,192.168.0.0/16", List.of(NET1), 2, 6), first.indexes(), hosts(2));
        assertThat(second.hosts()).isEqualTo(first.hosts());
    }

    @Test
    void indexIsNotAssignedWhileAddressInItsBlockIsHeld() {
        var network = network("192.168.0.0/16", List.of(NET1), 2, 6);
        var known = Planner.plan(network, Indexes.NONE, hosts(1));
        Cidr inTheBlockOfTheFirst = Cidr.parse("192.168.0.4/32");
        Cidr inUnassignedBlock = Cidr.parse("192.168.2.9/32");
        HeldAddresses held = blocks -> Stream.of(inTheBlockOfTheFirst, inUnassignedBlock)
                .filter(address -> blocks.stream().anyMatch(block -> block.contains(address)))
                .toList();
        var plan = Planner.plan(network, OccupiedAddresses.NOTHING, known.indexes(), hosts(3), held);
        assertThat(List.of("host1", "host2", "host3"))
                .extracting(host -> podBlock(plan, host, "eth1"))
                .as("assigned indexes stay")
                .containsExactly("192.168.0.0/24", "192.168.1.0/24", "192.168.3.0/24");
    }

    /// Pods get neither the first address of an interface block nor, for IPv4, the last one.
    @Test
    void blockWithoutAddressForPodsIsNeverAssigned() {
        var small = network("192.168.0.0/30", List.of(NET1), 0, 2);
        var plan = Planner.plan(small, Indexes.NONE, hosts(3));
        assertThat(plan.hosts())
                .extracting(slot -> slot.blocks().getFirst().podBlock().toString())
                .containsExactly("192.168.0.1/32", "192.168.0.2/32");
        assertThat(plan.hostBlocks()).isEqualTo(Map.of(0, 2L));
        assertThat(plan.unplaced()).singleElement().satisfies(unplaced -> {
            assertThat(unplaced.nodeUid()).isEqualTo("host3");
            assertThat(unplaced.reason()).contains("no host index is left", "without an address for pods");
        });
        assertThat(podBlock(
                        Planner.plan(network("fd00:10::/126", List.of(NET1), 0, 2), Indexes.NONE, hosts(1)),
                        "host1",
                        "eth1"))
                .isEqualTo("fd00:10::1/128");
        var withExcludes = network("192.168.0.0/24", List.of(NET1), 0, 6, "192.168.0.1/32", "192.168.0.2/31");
        assertThat(podBlock(Planner.plan(withExcludes, Indexes.NONE, hosts(1)), "host1", "eth1"))
                .isEqualTo("192.168.0.4/30");
    }

    @Test
    void ownerOfBlockFilledByExcludesKeepsItAndIsReported() {
        var first = Planner.plan(network("192.168.0.0/24", List.of(NET1), 0, 6), Indexes.NONE, hosts(1));
        var edited = network("192.168.0.0/24", List.of(NET1), 0, 6, "192.168.0.1/32", "192.168.0.2/31");
        var plan = Planner.plan(edited, first.indexes(), hosts(2));
        assertThat(podBlock(plan, "host1", "eth1")).isEqualTo("192.168.0.0/30");
        assertThat(podBlock(plan, "host2", "eth1")).isEqualTo("192.168.0.4/30");
        assertThat(plan.unplaced()).singleElement().satisfies(unplaced -> {
            assertThat(unplaced.nodeUid()).isEqualTo("host1");
            assertThat(unplaced.reason()).contains("no address of 192.168.0.0/30 is left for pods: excludes fill");
        });
    }

    @Test
    void familyWithoutANextHopIsReported() {
        var plan = Planner.plan(network("192.168.0.0/16,fd00:10::/56", List.of(NET1), 2, 6), Indexes.NONE, hosts(1));
        assertThat(plan.hosts()).hasSize(1);
        assertThat(plan.unplaced()).singleElement().satisfies(unplaced -> {
            assertThat(unplaced.nic()).isEqualTo("eth1");
            assertThat(unplaced.reason()).contains("fd00:10::/64").contains("no IPv6 address");
        });
    }

    @Test
    void wideIpv6ExcludesArePlannedQuickly() {
        var network = network("fd00:10::/32", List.of(NET1), 0, 64, "fd00:10::/48", "fd00:10:1::/96");
        var plan = Planner.plan(network, Indexes.NONE, hosts(1));
        assertThat(plan.unplaced()).isNotEmpty(); // all indexes an int can name are excluded
        var reachable = network("fd00:10::/32", List.of(NET1), 0, 64, "fd00:10::/76");
        assertThat(slot(Planner.plan(reachable, Indexes.NONE, hosts(1)), "host1", "eth1")
                        .hostIndex())
                .isEqualTo(1 << 20);
    }

    @Test
    void hostBlockZeroGivesTheWholeInterfaceBlockToOneHost() {
        var plan = Planner.plan(network("192.168.0.0/16", List.of(NET1), 2, 0), Indexes.NONE, hosts(2));
        assertThat(podBlock(plan, "host1", "eth1")).isEqualTo("192.168.0.0/18");
        assertThat(plan.unplaced()).singleElement().satisfies(unplaced -> {
            assertThat(unplaced.nodeUid()).isEqualTo("host2");
            assertThat(unplaced.reason()).contains("no host index is left").contains("hostBlock 0");
        });
    }

    @Test
    void networksBeyondTheInterfaceBlockAreReported() {
        var plan = Planner.plan(network("192.168.0.0/16", List.of(), 0, 6), Indexes.NONE, hosts(2));
        assertThat(plan.hosts()).extracting(slot -> slot.key().nic()).containsExactly("eth1", "eth1");
        assertThat(plan.unplaced())
                .hasSize(2)
                .allSatisfy(unplaced -> assertThat(unplaced.reason()).contains("no interface index is left"));
    }

    @Test
    void nicsOutsideMasterNetsAreIgnored() {
        var plan = Planner.plan(network("192.168.0.0/16", List.of(NET2), 2, 6), Indexes.NONE, hosts(1));
        assertThat(plan.hosts()).extracting(slot -> slot.key().nic()).containsExactly("eth2");
        assertThat(plan.unplaced()).isEmpty();
    }

    @Test
    void replacedMachineIsAnotherNode() {
        var network = network("192.168.0.0/16", List.of(NET1, NET2), 2, 6);
        var first = Planner.plan(network, Indexes.NONE, hosts(1));
        var replaced = new HostNics("another-uid", host(1).nics());
        var second = Planner.plan(network, first.indexes(), List.of(replaced));
        assertThat(slot(second, "another-uid", "eth1").hostIndex()).isEqualTo(1);
    }

    @Test
    void indexThatBecomesExcludedIsReplaced() {
        var first = Planner.plan(network("192.168.0.0/16", List.of(NET1), 2, 6), Indexes.NONE, hosts(2));
        var second = Planner.plan(
                network("192.168.0.0/16", List.of(NET1), 2, 6, "192.168.0.0/24"), first.indexes(), hosts(2));
        assertThat(slot(second, "host1", "eth1").hostIndex()).isEqualTo(2);
        assertThat(slot(second, "host2", "eth1").hostIndex()).isEqualTo(1);
        assertThat(PlanDiff.between(first.hosts(), second.hosts()).vacated())
                .containsExactly(Cidr.parse("192.168.0.0/24"));
    }

    @Test
    void largeClusterGetsABlockForEachNicAndNoneTwice() {
        var masterNets = IntStream.range(0, 8)
                .mapToObj(i -> Cidr.parse("172." + (16 + i) + ".0.0/16"))
                .toList();
        var inventory = new ArrayList<HostNics>();
        for (int node = 0; node < 5_000; node++) {
            int n = node;
            inventory.add(new HostNics(
                    "uid-" + node,
                    IntStream.range(0, 8)
                            .mapToObj(i ->
                                    nic("eth" + i, "172." + (16 + i) + "." + n / 250 + "." + (n % 250 + 1) + "/16"))
                            .toList()));
        }
        var network = network("10.0.0.0/8", masterNets, 3, 13, "10.0.3.0/24", "10.0.8.0/32");
        var plan = Planner.plan(network, Indexes.NONE, inventory);
        assertThat(plan.hosts()).hasSize(40_000);
        assertThat(new HashSet<>(plan.hosts().stream()
                        .map(slot -> slot.blocks().getFirst().podBlock())
                        .toList()))
                .hasSize(40_000);
        var joining = new HostNics("late", List.of(nic("eth0", "172.16.99.1/16")));
        assertThat(Planner.plan(network, plan.indexes(), List.of(joining)).hosts())
                .hasSize(1);
    }

    @Test
    void indexesContainEveryAssignment() {
        var plan = Planner.plan(network("192.168.0.0/16", List.of(NET1, NET2), 2, 6), Indexes.NONE, hosts(2));
        assertThat(plan.indexes().interfaces()).isEqualTo(Map.of(NET1, 0, NET2, 1));
        assertThat(plan.indexes().hosts()).hasSize(4);
    }

    @Test
    void diffListsAddedRemovedAndMovedBlocks() {
        var first = Planner.plan(network("192.168.0.0/16", List.of(NET1, NET2), 2, 6), Indexes.NONE, hosts(2));
        var edited = network("192.168.0.0/16,fd00:10::/56", List.of(NET1), 2, 6, "192.168.0.0/24", "192.168.1.7/32");
        var second = Planner.plan(edited, first.indexes(), hosts(3));
        assertThat(PlanDiff.between(first.hosts(), second.hosts()).moves())
                .extracting(move -> move.key().nodeUid() + " " + move.key().nic() + " " + podBlock(move.from()) + " "
                        + podBlock(move.to()))
                .containsExactlyInAnyOrder(
                        "host1 eth1 192.168.0.0/24 192.168.2.0/24",
                        "host1 eth1 null fd00:10:0:2::/64",
                        "host1 eth2 192.168.64.0/24 null",
                        "host2 eth1 null fd00:10:0:1::/64",
                        "host2 eth2 192.168.65.0/24 null",
                        "host3 eth1 null 192.168.3.0/24",
                        "host3 eth1 null fd00:10:0:3::/64");
    }

    private static @Nullable Cidr podBlock(@Nullable PlannedBlock block) {
        return block == null ? null : block.podBlock();
    }

    @Test
    void hostBlocksCountAssignedAndFreeIndexes() {
        var network = network("192.168.0.0/16", List.of(NET1, NET2), 2, 6, "192.168.0.0/23", "192.168.64.7/32");
        assertThat(Planner.plan(network, Indexes.NONE, hosts(2)).hostBlocks()).isEqualTo(Map.of(0, 62L, 1, 64L));
        var wide = network("fd00:10::/32", List.of(NET1), 0, 64, "fd00:10::/76");
        assertThat(Planner.plan(wide, Indexes.NONE, hosts(2)).hostBlocks())
                .isEqualTo(Map.of(0, Integer.MAX_VALUE - (1L << 20)));
    }

    private static final AllocationLimits FROZEN = new AllocationLimits("the database is in quarantine", List.of());

    @Test
    void frozenPlanAssignsAndRemovesNothing() {
        var network = network("192.168.0.0/16", List.of(NET1, NET2), 2, 6);
        var before = Planner.plan(network, Indexes.NONE, hosts(2));
        var plan = Planner.plan(network, before.indexes().with(FROZEN), hosts(3));
        assertThat(plan.hosts()).containsExactlyElementsOf(before.hosts());
        assertThat(plan.unplaced())
                .containsExactly(
                        new Unplaced("host3", "eth1", FROZEN.suspensionReason()),
                        new Unplaced("host3", "eth2", FROZEN.suspensionReason()));
    }

    @Test
    void newNetworkGetsNoInterfaceIndexesWhileFrozen() {
        var plan =
                Planner.plan(network("192.168.0.0/16", List.of(NET1, NET2), 2, 6), Indexes.NONE.with(FROZEN), hosts(1));
        assertThat(plan.interfaces()).isEmpty();
        assertThat(plan.unplaced()).hasSize(2).allMatch(one -> one.reason().equals(FROZEN.suspensionReason()));
    }

    @Test
    void reservedBlocksAreKeptButNotAssigned() {
        var network = network("192.168.0.0/16", List.of(NET1, NET2), 2, 6);
        var before = Planner.plan(network, Indexes.NONE, hosts(1));
        var reserved = new AllocationLimits(
                null, cidrs("192.168.0.0/24", "192.168.1.64/26", "192.168.2.0/23", "192.168.64.0/18"));
        var plan = Planner.plan(network, before.indexes().with(reserved), hosts(3));
        assertThat(hostIndexes(plan, 0)).containsExactly(0, 4, 5);
        assertThat(hostIndexes(plan, 1)).containsExactly(0);
        assertThat(plan.unplaced()).extracting(Unplaced::nic).containsExactly("eth2", "eth2");
    }

    @Test
    void interfaceIndexWithReservedBlocksIsNotAssigned() {
        var reserved = new AllocationLimits(null, cidrs("192.168.3.0/24", "192.168.128.0/24"));
        var plan = Planner.plan(
                network("192.168.0.0/16", List.of(NET1, NET2), 2, 6), Indexes.NONE.with(reserved), hosts(1));
        assertThat(plan.interfaces()).extracting(InterfaceSlot::index).containsExactly(1, 3);
    }
}
