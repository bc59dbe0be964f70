package io.multinic.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/// Compares each message with its golden file in both directions: a renamed field would break agents and services of
/// different versions.
class WireGoldenTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    record Golden(String file, Object message) {
        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Golden> messages() {
        var network = new NetworkDefinition(
                "multi-nic-sample",
                List.of(Cidr.parse("192.168.0.0/16")),
                List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24")),
                2,
                6,
                List.of(Cidr.parse("192.168.0.0/30")),
                true);
        var block = new NicBlock(
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                0,
                Cidr.parse("192.168.0.0/18"),
                Cidr.parse("192.168.0.0/24"),
                List.of(Cidr.parse("192.168.0.0/30")));
        var reserving = new NicBlock(
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                0,
                Cidr.parse("192.168.0.0/18"),
                Cidr.parse("192.168.0.0/24"),
                List.of(Cidr.parse("192.168.0.0/30")),
                List.of(
                        new ReservedRange(
                                IpAddress.parse("192.168.0.16"), IpAddress.parse("192.168.0.31"), "default/db-0"),
                        new ReservedRange(IpAddress.parse("192.168.0.64"), IpAddress.parse("192.168.0.64"), null)));
        var peer = new PeerBlock("node2", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.0.1.2"));
        var excluded = List.of(Cidr.parse("192.168.2.0/31"));
        var peerWithExclude =
                new PeerBlock("node3", 0, Cidr.parse("192.168.2.0/24"), IpAddress.parse("10.0.1.3"), excluded);
        var allocation = new Allocation(
                "multi-nic-sample",
                IpAddress.parse("192.168.0.4"),
                "eth1",
                new PodRef("default", "worker-0", "b2c5a1de-6d0e-4f0e-9a57-1f7c3f0f8f11"),
                "8f3c0d",
                "net1",
                "net1-0");
        var stated = new StatedBlock(
                "multi-nic-sample",
                0,
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                0,
                Cidr.parse("192.168.0.0/18"),
                Cidr.parse("192.168.0.0/24"));
        var at = Instant.parse("2026-11-24T08:00:00Z");
        var uid = "1c7f4c4e-54d2-4a3c-8f6e-3f5a8f0c2a10";
        return Stream.of(
                new Golden("network-definition.json", network),
                new Golden(
                        "network-state.json",
                        new NetworkState(
                                network,
                                0,
                                3,
                                List.of(new NetworkState.InterfaceUse(
                                        0, Cidr.parse("10.0.1.0/24"), List.of(Cidr.parse("192.168.0.0/18")), 2, 5)),
                                List.of(new NetworkState.Unplaced("node3", "eth1", "no host index is free")))),
                new Golden("network-preview.json", preview(uid)),
                new Golden("network-usage.json", usage(uid)),
                new Golden(
                        "node-inventory.json",
                        new NodeInventory(
                                uid, List.of(new Nic("eth1", List.of(PrefixedAddress.parse("10.0.1.1/24")))))),
                new Golden(
                        "node-plan.json",
                        new NodePlan(
                                "node1",
                                uid,
                                3,
                                List.of(new NetworkPlan(network, 0, List.of(block), List.of(peer, peerWithExclude))))),
                new Golden(
                        "plan-update.json",
                        PlanUpdate.since(
                                "6f1c9d0e:00000001",
                                new PlanChange(
                                        3,
                                        5,
                                        List.of(new NetworkPlan(network, 0, List.of(block), List.of())),
                                        List.of("old-network"),
                                        List.of(
                                                new PeerChange(
                                                        "multi-nic-sample",
                                                        0,
                                                        "node3",
                                                        Cidr.parse("192.168.2.0/24"),
                                                        IpAddress.parse("10.0.1.3"),
                                                        excluded),
                                                new PeerChange(
                                                        "multi-nic-sample",
                                                        0,
                                                        "node2",
                                                        Cidr.parse("192.168.1.0/24"),
                                                        null))))),
                new Golden(
                        "session-request.json",
                        new SessionRequest(
                                uid,
                                "store-1",
                                17L,
                                List.of(allocation),
                                new PlanStatement("6f1c9d0e:00000001", 5, List.of(stated)))),
                new Golden(
                        "session-request-without-plan.json",
                        new SessionRequest(uid, "store-1", 17L, List.of(allocation))),
                new Golden("quarantine-request.json", new QuarantineRequest("restored from a backup")),
                new Golden(
                        "quarantine-state.json",
                        new QuarantineState(
                                true,
                                2,
                                at,
                                "the timeline is 00000002 and was 00000001",
                                null,
                                1,
                                List.of(new QuarantineState.Waiting("node2", "uid-2")),
                                List.of(new QuarantineState.Unsettled(
                                        "node1", uid, stated, "the network does not exist", at)))),
                new Golden("session-grant.json", new SessionGrant(4, 17, List.of(allocation))),
                new Golden(
                        "ledger-batch.json",
                        new LedgerBatch(
                                uid,
                                4,
                                List.of(new LedgerEvent(18, LedgerEvent.Type.ALLOCATED, at, allocation)),
                                at.plusSeconds(1),
                                7L)),
                new Golden("ledger-batch-of-an-older-agent.json", new LedgerBatch(uid, 4, List.of())),
                new Golden(
                        "audit-page.json",
                        new AuditPage(
                                List.of(),
                                "17",
                                new Completeness(
                                        at,
                                        2,
                                        List.of(
                                                new Completeness.Behind("node3", uid, null),
                                                new Completeness.Behind("node2", uid, at))))),
                new Golden("ledger-receipt.json", new LedgerReceipt(18)),
                new Golden(
                        "node-state.json",
                        new NodeState(
                                "node1",
                                uid,
                                3,
                                4,
                                1,
                                List.of(new Nic("eth1", List.of(PrefixedAddress.parse("10.0.1.1/24")))))),
                new Golden("node-block.json", new NodeBlock("node1", uid, block)),
                new Golden("node-block-reserving.json", new NodeBlock("node1", uid, reserving)),
                new Golden(
                        "reservation-request.json",
                        new ReservationRequest(
                                AddressRange.parse("192.168.0.16-192.168.0.31"),
                                "addresses of the old storage appliance",
                                "storage team",
                                "default/db-0")),
                new Golden(
                        "reservation.json",
                        new Reservation(
                                7,
                                "multi-nic-sample",
                                IpAddress.parse("192.168.0.16"),
                                IpAddress.parse("192.168.0.31"),
                                "addresses of the old storage appliance",
                                "storage team",
                                "default/db-0",
                                at,
                                "system:serviceaccount:multi-nic:admin",
                                2)),
                new Golden(
                        "conflict.json",
                        new Conflict(
                                12,
                                ConflictKind.ADDRESS_HELD,
                                "node2",
                                allocation,
                                at,
                                null,
                                new AllocationInterval("node1", allocation, at, null))),
                new Golden(
                        "release-request.json",
                        new ReleaseRequest(
                                List.of(
                                        new ReleaseProof(ReleaseProof.Kind.POD_ABSENT, at, "kubectl get pod"),
                                        new ReleaseProof(
                                                ReleaseProof.Kind.SANDBOX_ABSENT, at.plusSeconds(60), "crictl pods")),
                                null,
                                "the node's disk was lost",
                                "8f3c0d")),
                new Golden(
                        "audit-event.json",
                        new AuditEvent(
                                41,
                                at,
                                "system:serviceaccount:multi-nic:multi-nic-controller",
                                AuditAction.NODE_RETIRED,
                                null,
                                "node1",
                                uid,
                                null,
                                Map.of("lastHeard", "2026-11-24T07:55:00Z"))),
                new Golden("allocation-interval.json", new AllocationInterval("node1", allocation, at, null)));
    }

    private static NetworkPreview preview(String uid) {
        var space =
                new NetworkPreview.BlockSpace(Cidr.parse("192.168.0.0/18"), AddressCount.of(256), AddressCount.of(251));
        return new NetworkPreview(
                false,
                ErrorCode.NETWORK_EDIT_REFUSED,
                "192.168.1.7 is in use",
                List.of(new NetworkPreview.InterfacePreview(0, Cidr.parse("10.0.1.0/24"), 64, 1, List.of(space))),
                1,
                0,
                1,
                List.of(
                        new NetworkPreview.BlockChange(
                                "node1",
                                uid,
                                "eth1",
                                Cidr.parse("192.168.1.0/24"),
                                Cidr.parse("192.168.0.0/24"),
                                AddressCount.of(251)),
                        new NetworkPreview.BlockChange(
                                "node1",
                                uid,
                                "eth1",
                                null,
                                Cidr.parse("fd00:10::/64"),
                                AddressCount.parse("18446744073709551615"))),
                1,
                List.of(new NetworkState.Unplaced("node3", "eth1", "no host index is free")));
    }

    private static NetworkUsage usage(String uid) {
        var ipv4 = new AddressUse(IpFamily.IPV4, AddressCount.of(251), 3, AddressCount.of(1));
        var ipv6 = new AddressUse(IpFamily.IPV6, AddressCount.parse("18446744073709551615"), 3, AddressCount.ZERO);
        return new NetworkUsage(
                "multi-nic-sample",
                1,
                List.of(ipv4, ipv6),
                List.of(new NetworkUsage.InterfaceUsage(
                        0, Cidr.parse("10.0.1.0/24"), List.of(Cidr.parse("192.168.0.0/18")), 1, List.of(ipv4))),
                new Page<>(List.of(new NetworkUsage.HostUsage("node1", uid, List.of(ipv4))), "11952:1"));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void messageEqualsItsGoldenFile(Golden golden) throws IOException {
        var text = read(golden.file());
        assertThat(JSON.readTree(JSON.writeValueAsString(golden.message()))).isEqualTo(JSON.readTree(text));
        assertThat((Object) JSON.readValue(text, golden.message().getClass())).isEqualTo(golden.message());
    }

    private static String read(String file) throws IOException {
        try (var in = WireGoldenTest.class.getResourceAsStream("/golden/" + file)) {
            assertThat(in).as(file).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
