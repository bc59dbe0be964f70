package io.multinic.e2e.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AddressInvariantsTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final PodNic NIC = nic("192.168.0.1");
    private static final RunningPod POD = new RunningPod("uid-a", "default/a", "node1", 100, List.of(NIC));

    /// One running pod on which all sources agree, and the interval of a deleted one.
    private final List<RunningPod> pods = new ArrayList<>(List.of(POD));

    private Map<String, List<PodNic>> annotated = Map.of("uid-a", List.of(NIC));
    private final List<AllocationInterval> ledger =
            new ArrayList<>(List.of(interval("uid-a", "a", NIC, 10, null), interval("uid-b", "b", NIC, 1, 5)));
    private final List<Sighting> sightings = new ArrayList<>(List.of(sighting("uid-a", "a", 11, 20)));
    private List<NodeBlock> blocks = List.of(block("node1", "192.168.0.0/24"), block("node2", "192.168.1.0/24"));

    private List<String> violations() {
        return AddressInvariants.violations(new Observation(pods, annotated, ledger, blocks, sightings));
    }

    @Test
    void consistentObservationHasNoViolation() {
        assertThat(violations()).isEmpty();
    }

    @Test
    void addressInTwoPodsIsReported() {
        pods.add(new RunningPod("uid-c", "default/c", "node2", 200, List.of(NIC)));
        assertThat(violations()).anyMatch(line -> line.startsWith("192.168.0.1 is in"));
    }

    @Test
    void annotationWithAnotherAddressIsReported() {
        annotated = Map.of("uid-a", List.of(nic("192.168.0.9")));
        assertThat(violations()).singleElement().asString().contains("has [net1-0 192.168.0.9]");
    }

    @Test
    void missingAnnotationIsReported() {
        annotated = Map.of();
        assertThat(violations()).singleElement().asString().contains("has []");
    }

    @Test
    void annotatedPodWithoutProcessIsReported() {
        pods.clear();
        ledger.removeFirst();
        assertThat(violations()).anyMatch(line -> line.contains("no node runs a process of it"));
    }

    @Test
    void interfacesOfAPodUnknownToTheApiServerAreReported() {
        pods.add(new RunningPod("uid-x", "", "node2", 200, List.of(nic("192.168.1.1"))));
        assertThat(violations()).anyMatch(line -> line.contains("does not know, uid-x"));
    }

    @Test
    void openIntervalWithoutAPodIsReportedAsLeaked() {
        ledger.add(interval("uid-c", "c", nic("192.168.0.7"), 12, null));
        assertThat(violations()).singleElement().asString().startsWith("leaked");
    }

    @Test
    void addressWithoutOpenIntervalIsReportedAsMissing() {
        change(0, it -> new AllocationInterval(it.node(), it.allocation(), it.from(), START.plusSeconds(30)));
        assertThat(violations()).singleElement().asString().startsWith("missing");
    }

    @Test
    void openIntervalOnAnotherNodeIsLeakedThereAndMissingHere() {
        change(0, it -> new AllocationInterval("node2", it.allocation(), it.from(), it.to()));
        assertThat(violations())
                .anyMatch(line -> line.startsWith("leaked"))
                .anyMatch(line -> line.startsWith("missing"))
                .anyMatch(line -> line.contains("is in no block of node2"));
    }

    @Test
    void addressOutsideItsBlockIsReported() {
        blocks = List.of(block("node1", "192.168.3.0/24"));
        assertThat(violations()).singleElement().asString().contains("is in no block of node1 on eth1");
    }

    @Test
    void excludedAddressIsReported() {
        NicBlock block = block("node1", "192.168.0.0/24").block();
        blocks = List.of(new NodeBlock(
                "node1",
                "uid",
                new NicBlock(
                        block.nic(),
                        block.masterNet(),
                        0,
                        0,
                        block.interfaceBlock(),
                        block.podBlock(),
                        List.of(Cidr.parse("192.168.0.0/30")))));
        assertThat(violations()).singleElement().asString().contains("is in no block");
    }

    @Test
    void intervalWithoutPodUidIsReported() {
        ledger.add(new AllocationInterval(
                "node1",
                new Allocation(
                        "net", IpAddress.parse("192.168.0.8"), "eth1", new PodRef("default", "c", ""), "", "net1", "x"),
                START,
                START.plusSeconds(1)));
        assertThat(violations()).singleElement().asString().contains("lacks its pod");
    }

    @Test
    void overlappingIntervalsOfOneAddressAreReported() {
        ledger.set(1, interval("uid-b", "b", NIC, 1, 11));
        assertThat(violations()).singleElement().asString().startsWith("held twice");
    }

    @Test
    void sightingMissingFromTheLedgerIsReported() {
        sightings.add(sighting("uid-c", "c", 15, 16));
        assertThat(violations()).singleElement().asString().contains("does not cover net1-0 192.168.0.1 in default/c");
    }

    @Test
    void intervalThatEndsBeforeTheLastSightingIsReported() {
        ledger.set(1, interval("uid-b", "b", NIC, 1, 5));
        sightings.add(sighting("uid-b", "b", 2, 9));
        assertThat(violations()).singleElement().asString().contains("does not cover");
    }

    @Test
    void sightingInTwoSandboxesNeedsAnIntervalForEach() {
        var former = interval("uid-b", "b", NIC, 1, 5);
        var allocation = former.allocation();
        ledger.set(1, former);
        sightings.add(sighting("uid-b", "b", 2, 9));
        ledger.add(interval("uid-b", "b", NIC, 8, 10));
        assertThat(violations())
                .as("a gap of one sandbox")
                .singleElement()
                .asString()
                .contains("does not cover");
        ledger.set(
                1,
                new AllocationInterval(
                        former.node(),
                        new Allocation(
                                allocation.network(),
                                allocation.address(),
                                allocation.nic(),
                                allocation.pod(),
                                "container-before-the-reboot",
                                allocation.ifName(),
                                allocation.podInterface()),
                        former.from(),
                        former.to()));
        assertThat(violations()).isEmpty();
    }

    private void change(int index, UnaryOperator<AllocationInterval> to) {
        ledger.set(index, to.apply(ledger.get(index)));
    }

    private static PodNic nic(String address) {
        return new PodNic("net1-0", IpAddress.parse(address));
    }

    private static AllocationInterval interval(String uid, String pod, PodNic nic, int from, Integer to) {
        return new AllocationInterval(
                "node1",
                new Allocation(
                        "net",
                        nic.address(),
                        "eth1",
                        new PodRef("default", pod, uid),
                        "container-" + uid,
                        "net1",
                        nic.name()),
                START.plusSeconds(from),
                to == null ? null : START.plusSeconds(to));
    }

    private static Sighting sighting(String uid, String pod, int first, int last) {
        return new Sighting(uid, "default/" + pod, "node1", NIC, START.plusSeconds(first), START.plusSeconds(last));
    }

    private static NodeBlock block(String node, String podBlock) {
        return new NodeBlock(
                node,
                "uid-" + node,
                new NicBlock(
                        "eth1",
                        Cidr.parse("10.0.1.0/24"),
                        0,
                        0,
                        Cidr.parse("192.168.0.0/18"),
                        Cidr.parse(podBlock),
                        List.of()));
    }
}
