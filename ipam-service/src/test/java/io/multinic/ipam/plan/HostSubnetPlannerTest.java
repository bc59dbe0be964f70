package io.multinic.ipam.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.ipam.plan.OccupiedAddresses.OtherSubnet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Planning of networks without a subnet: NIC networks are divided, host addresses are excluded.
class HostSubnetPlannerTest {
    private static final Cidr NET1 = Cidr.parse("10.0.1.0/24");
    private static final Cidr NET2 = Cidr.parse("10.0.2.0/24");

    private static NetworkDefinition network(List<Cidr> masterNets, int hostBlock, String... excludes) {
        return new NetworkDefinition("net", List.of(), masterNets, 0, hostBlock, cidrs(excludes), true);
    }

    private static List<Cidr> cidrs(String... texts) {
        return Arrays.stream(texts).map(Cidr::parse).toList();
    }

    private static HostNics host(String uid, String... addresses) {
        var nics = new ArrayList<Nic>();
        for (String address : addresses) {
            nics.add(new Nic("eth" + (nics.size() + 1), List.of(PrefixedAddress.parse(address))));
        }
        return new HostNics(uid, nics);
    }

    /// The host addresses as the store reads them.
    private static OccupiedAddresses occupied(List<HostNics> hosts, OtherSubnet... others) {
        var addresses = hosts.stream()
                .flatMap(host -> host.nics().stream())
                .flatMap(nic -> nic.addresses().stream())
                .map(PrefixedAddress::address)
                .map(address -> new Cidr(address, address.family().bits()))
                .toList();
        return new OccupiedAddresses(addresses, List.of(others));
    }

    private static Plan plan(NetworkDefinition network, HostNics... hosts) {
        return Planner.plan(network, occupied(List.of(hosts)), Indexes.NONE, List.of(hosts));
    }

    private static List<String> blocks(Plan plan) {
        return plan.hosts().stream()
                .map(slot -> slot.key().nodeUid() + " " + slot.key().nic() + " "
                        + slot.blocks().getFirst().podBlock() + " without "
                        + slot.blocks().getFirst().excluded())
                .toList();
    }

    /// The interface block is the NIC network. The lowest blocks are assigned first; blocks that hosts, excludes and
    /// special addresses fill are skipped.
    @ParameterizedTest(name = "{0} by {1}, excludes {2}, hosts {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.1.0/24 | 2 |              | .1 .2     | .0/26 without [10.0.1.1/32, 10.0.1.2/32], .64/26 without []",
                "10.0.1.0/24 | 6 |              | .1 .2 .3  | .4/30 without [], .8/30 without [], .12/30 without []",
                "10.0.1.0/24 | 6 |              | .1 .2 .4  | .0/30 without [10.0.1.1/32, 10.0.1.2/32], .4/30 without [10.0.1.4/32], .8/30 without []",
                "10.0.1.0/24 | 6 | 10.0.1.2/31  | .1 .9     | .4/30 without [], .8/30 without [10.0.1.9/32]",
                "10.0.1.0/24 | 1 | 10.0.1.0/25  | .1 .2     | .128/25 without []",
                "10.0.1.0/29 | 3 |              | .1 .3     | .2/32 without [], .4/32 without []",
                "10.0.1.0/24 | 0 |              | .1 .2     | .0/24 without [10.0.1.1/32, 10.0.1.2/32]",
            })
    void blocksSkipHostAddresses(String net, int hostBlock, String excludes, String hosts, String expected) {
        Cidr masterNet = Cidr.parse(net);
        var inventory = Arrays.stream(hosts.trim().split(" +"))
                .map(host -> host("h" + host, "10.0.1" + host + "/" + masterNet.prefixLength()))
                .toArray(HostNics[]::new);
        var plan = plan(
                network(List.of(masterNet), hostBlock, excludes == null ? new String[0] : excludes.split(" ")),
                inventory);
        assertThat(String.join(
                        ", ",
                        plan.hosts().stream()
                                .map(slot -> slot.blocks().getFirst())
                                .map(block -> block.podBlock().toString().replace("10.0.1", "") + " without "
                                        + block.excluded())
                                .toList()))
                .isEqualTo(expected);
        assertThat(plan.interfaces().getFirst().blocks()).containsExactly(masterNet);
        assertThat(plan.hosts())
                .allSatisfy(slot -> assertThat(slot.blocks().getFirst()).satisfies(block -> {
                    assertThat(block.interfaceBlock()).isEqualTo(masterNet);
                    assertThat(block.capacity().value()).isPositive();
                }));
    }

    @Test
    void interfaceIndexesFollowTheOrderOfMasterNets() {
        var named = plan(network(List.of(NET2, NET1), 2), host("a", "10.0.1.1/24", "10.0.2.1/24"));
        assertThat(named.interfaces())
                .extracting(slot -> slot.index() + " " + slot.masterNet())
                .containsExactly("0 10.0.2.0/24", "1 10.0.1.0/24");
        var found = plan(network(List.of(), 2), host("a", "10.0.2.1/24", "10.0.1.1/24"));
        assertThat(found.interfaces())
                .extracting(slot -> slot.index() + " " + slot.masterNet())
                .containsExactly("0 10.0.1.0/24", "1 10.0.2.0/24");
    }

    @Test
    void addressOfJoiningHostIsExcludedFromItsBlockAndNoBlockMoves() {
        var network = network(List.of(NET1), 6);
        var first = plan(network, host("a", "10.0.1.1/24"), host("b", "10.0.1.2/24"));
        assertThat(blocks(first))
                .containsExactly(
                        "a eth1 10.0.1.0/30 without [10.0.1.1/32, 10.0.1.2/32]", "b eth1 10.0.1.4/30 without []");
        var all = List.of(
                host("a", "10.0.1.1/24"), host("b", "10.0.1.2/24"), host("c", "10.0.1.3/24"), host("d", "10.0.1.5/24"));
        var second = Planner.plan(network, occupied(all), first.indexes(), all);
        assertThat(blocks(second))
                .containsExactly(
                        "a eth1 10.0.1.0/30 without [10.0.1.1/32, 10.0.1.2/31]",
                        "b eth1 10.0.1.4/30 without [10.0.1.5/32]",
                        "c eth1 10.0.1.8/30 without []",
                        "d eth1 10.0.1.12/30 without []");
        assertThat(second.unplaced()).singleElement().satisfies(unplaced -> {
            assertThat(unplaced.nodeUid()).isEqualTo("a");
            assertThat(unplaced.reason()).contains("no address of 10.0.1.0/30 is left for pods");
        });
        var joining = Planner.plan(
                network,
                occupied(all),
                new Indexes(first.indexes().interfaces(), java.util.Map.of(), java.util.Map.of(NET1, taken(0, 1))),
                all.subList(2, 4));
        assertThat(second.hosts()).containsAll(joining.hosts());
    }

    private static IndexRanges taken(int first, int last) {
        return new IndexRanges(List.of(new IndexRanges.Range(first, last)));
    }

    @Test
    void excludedIndexIsReplaced() {
        var hosts = List.of(host("a", "10.0.1.1/24"));
        var first = plan(network(List.of(NET1), 2), host("a", "10.0.1.1/24"));
        var second = Planner.plan(network(List.of(NET1), 2, "10.0.1.0/26"), occupied(hosts), first.indexes(), hosts);
        assertThat(blocks(second)).containsExactly("a eth1 10.0.1.64/26 without []");
    }

    @Test
    void familiesOfNicAreSeparateNetworks() {
        var net6 = Cidr.parse("fd00:1::/64");
        var nic = new Nic("eth1", List.of(PrefixedAddress.parse("10.0.1.1/24"), PrefixedAddress.parse("fd00:1::1/64")));
        var plan = plan(network(List.of(NET1, net6), 8), new HostNics("a", List.of(nic)));
        assertThat(blocks(plan))
                .containsExactly("a eth1 10.0.1.2/32 without []", "a eth1 fd00:1::/72 without [fd00:1::1/128]");
        assertThat(plan.hosts())
                .extracting(slot -> slot.viaIpv4() + " " + slot.viaIpv6())
                .containsExactly("10.0.1.1 null", "null fd00:1::1");
        assertThat(plan.unplaced()).isEmpty();
        assertThat(plan.hosts().getLast().blocks().getFirst().capacity().value())
                .isEqualTo(java.math.BigInteger.TWO.pow(56).subtract(java.math.BigInteger.TWO));
    }

    @Test
    void ipv4NetworkOfNicIsUsedWithoutMasterNets() {
        var nic = new Nic("eth1", List.of(PrefixedAddress.parse("fd00:1::1/64"), PrefixedAddress.parse("10.0.1.1/24")));
        assertThat(plan(network(List.of(), 2), new HostNics("a", List.of(nic))).interfaces())
                .extracting(InterfaceSlot::masterNet)
                .containsExactly(NET1);
    }

    @Test
    void networkTooSmallForHostBlockIsReportedAndOthersArePlanned() {
        var plan = plan(network(List.of(), 4), host("a", "10.0.1.1/24", "10.0.9.1/30"));
        assertThat(blocks(plan)).containsExactly("a eth1 10.0.1.0/28 without [10.0.1.1/32]");
        assertThat(plan.interfaces()).hasSize(1);
        assertThat(plan.unplaced()).singleElement().satisfies(unplaced -> {
            assertThat(unplaced.nic()).isEqualTo("eth2");
            assertThat(unplaced.reason())
                    .contains("10.0.9.0/30 divided by hostBlock 4 needs 34 bits", "use a smaller hostBlock");
        });
    }

    @Test
    void nicNetworkOverlappingAnotherSubnetIsNotDivided() {
        var hosts = List.of(host("a", "10.0.1.1/24", "10.0.2.1/24"));
        var plan = Planner.plan(
                network(List.of(), 2),
                occupied(hosts, new OtherSubnet("pods", Cidr.parse("10.0.2.128/25"))),
                Indexes.NONE,
                hosts);
        assertThat(plan.hosts()).extracting(slot -> slot.key().nic()).containsExactly("eth1");
        assertThat(plan.unplaced())
                .singleElement()
                .satisfies(unplaced -> assertThat(unplaced.reason())
                        .contains("10.0.2.0/24 overlaps 10.0.2.128/25 of network pods", "subnet of its own"));
    }

    @Test
    void existingNicNetworkWinsOverOverlappingOne() {
        var wide = host("b", "10.0.1.2/16");
        var first = plan(network(List.of(), 2), host("a", "10.0.1.1/24"));
        var all = List.of(host("a", "10.0.1.1/24"), wide);
        var second = Planner.plan(network(List.of(), 2), occupied(all), first.indexes(), all);
        assertThat(second.interfaces()).extracting(InterfaceSlot::masterNet).containsExactly(NET1);
        assertThat(second.unplaced()).singleElement().satisfies(unplaced -> {
            assertThat(unplaced.nodeUid()).isEqualTo("b");
            assertThat(unplaced.reason()).contains("10.0.0.0/16 overlaps the NICs' network 10.0.1.0/24");
        });
    }

    @Test
    void addressesOfAllNicsAreExcludedWhateverTheirPrefixLength() {
        var hosts = List.of(host("a", "10.0.1.1/24"), host("b", "10.0.1.70/32"));
        var plan = Planner.plan(
                network(List.of(NET1), 2),
                occupied(hosts),
                Indexes.NONE,
                List.of(host("a", "10.0.1.1/24"), host("c", "10.0.1.2/24")));
        assertThat(blocks(plan))
                .containsExactly(
                        "a eth1 10.0.1.0/26 without [10.0.1.1/32]", "c eth1 10.0.1.64/26 without [10.0.1.70/32]");
    }

    @Test
    void reasonForMissingBlockNamesHostAddresses() {
        var plan = plan(
                network(List.of(Cidr.parse("10.0.1.0/29")), 1),
                host("a", "10.0.1.1/29"),
                host("b", "10.0.1.2/29"),
                host("c", "10.0.1.3/29"));
        assertThat(blocks(plan)).containsExactly("a eth1 10.0.1.4/30 without []");
        assertThat(plan.unplaced())
                .hasSize(2)
                .allSatisfy(unplaced -> assertThat(unplaced.reason())
                        .contains("no host index is left in [10.0.1.0/29]", "hosts' own addresses"));
    }

    @Test
    void largeClusterIsDividedAroundAllItsHosts() {
        var hosts = IntStream.rangeClosed(1, 5_000)
                .mapToObj(n -> host("h" + n, "172.16." + (n >> 8) + "." + (n & 255) + "/16"))
                .toList();
        var plan =
                Planner.plan(network(List.of(Cidr.parse("172.16.0.0/16")), 13), occupied(hosts), Indexes.NONE, hosts);
        assertThat(plan.hosts()).hasSize(5_000);
        assertThat(plan.hosts().getFirst().blocks().getFirst().podBlock())
                .as("hosts fill 172.16.0.0/21 and more")
                .isEqualTo(Cidr.parse("172.16.19.136/29"));
        assertThat(plan.hosts())
                .allSatisfy(slot -> assertThat(
                                slot.blocks().getFirst().capacity().value().intValueExact())
                        .isBetween(7, 8));
    }
}
