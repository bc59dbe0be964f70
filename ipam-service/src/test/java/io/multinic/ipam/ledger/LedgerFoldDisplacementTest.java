package io.multinic.ipam.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerFoldDisplacementTest {
    private static final Instant T0 = Instant.parse("2026-11-24T08:00:00Z");
    private static final Instant NOW = T0.plusSeconds(60);
    private static final long REPORTING = 1;
    private static final long UNREPORTED = 2;
    private static final long WAITING = 3;
    private static final long INTERVAL = 77;

    private static Allocation allocation(String container) {
        return new Allocation(
                "net",
                IpAddress.parse("10.0.0.1"),
                "eth1",
                new PodRef("ns", "pod", "uid"),
                container,
                "net1",
                "net1-0");
    }

    private static AddressClaim claim(long node, String container) {
        return new AddressClaim(node, node * 10, 1, allocation(container), T0);
    }

    private static LedgerChanges report(Set<Long> displaced) {
        var known = new AddressRecord(
                new AddressRecord.OpenInterval(INTERVAL, claim(UNREPORTED, "old"), T0),
                null,
                List.of(new AddressRecord.WaitingClaim(5, claim(WAITING, "waits"))));
        var event = new LedgerEvent(0, LedgerEvent.Type.ALLOCATED, NOW, allocation("live"));
        return LedgerFold.fold(
                REPORTING, 10, NOW, Map.of(AddressKey.of(allocation("live")), known), List.of(event), displaced);
    }

    @Test
    void displacedIntervalEndsAndReportingNodeGetsAddress() {
        var changes = report(Set.of(INTERVAL));
        assertThat(changes.closed()).isEqualTo(Map.of(INTERVAL, NOW));
        assertThat(changes.opened()).singleElement().satisfies(opened -> {
            assertThat(opened.claim().nodeId()).isEqualTo(REPORTING);
            assertThat(opened.from()).isEqualTo(NOW);
            assertThat(opened.to()).isNull();
        });
        assertThat(changes.conflicts()).isEmpty();
        assertThat(changes.resolved()).as("a waiting claim is not promoted").isEmpty();
    }

    @Test
    void intervalThatIsNotDisplacedStaysAndReportWaits() {
        var changes = report(Set.of(INTERVAL + 1));
        assertThat(changes.closed()).isEmpty();
        assertThat(changes.opened()).isEmpty();
        assertThat(changes.conflicts()).singleElement().satisfies(conflict -> {
            assertThat(conflict.claim().nodeId()).isEqualTo(REPORTING);
            assertThat(conflict.kind()).isEqualTo(ConflictKind.ADDRESS_HELD);
            assertThat(conflict.resolvedAt()).isNull();
        });
    }
}
