package io.multinic.ipam.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LedgerFoldTest {
    private static final Instant T0 = Instant.parse("2026-11-24T08:00:00Z");
    private static final Instant LATER = T0.plusSeconds(3600);
    private static final long NODE = 1;
    private static final long OTHER_NODE = 2;
    private static final AddressKey KEY = new AddressKey("net", IpAddress.parse("192.168.0.4"));

    private static Allocation held(String container) {
        return new Allocation("net", KEY.address(), "eth1", new PodRef("ns", "pod", ""), container, "net1", "net1-0");
    }

    private static LedgerEvent event(long sequence, LedgerEvent.Type type, int second, String container) {
        return new LedgerEvent(sequence, type, T0.plusSeconds(second), held(container));
    }

    private static LedgerChanges fold(AddressRecord known, LedgerEvent... events) {
        return LedgerFold.fold(NODE, 10, LATER, Map.of(KEY, known), List.of(events));
    }

    private static AddressRecord openOn(long node, String container) {
        return new AddressRecord(
                new AddressRecord.OpenInterval(77, new AddressClaim(node, node * 10, 1, held(container), T0), T0),
                null,
                List.of());
    }

    @Test
    void addressMayBeAllocatedFreedAndAllocatedAgainInOneBatch() {
        var changes = fold(
                AddressRecord.EMPTY,
                event(1, LedgerEvent.Type.ALLOCATED, 1, "a"),
                event(2, LedgerEvent.Type.FREED, 2, "a"),
                event(3, LedgerEvent.Type.ALLOCATED, 3, "b"));
        assertThat(changes.conflicts()).isEmpty();
        assertThat(changes.opened())
                .extracting(i -> i.claim().allocation().containerId(), i -> i.from(), i -> i.to())
                .containsExactly(tuple("a", T0.plusSeconds(1), T0.plusSeconds(2)), tuple("b", T0.plusSeconds(3), null));
    }

    @Test
    void storedIntervalIsClosedAndTheNextOneOpened() {
        var changes = fold(
                openOn(NODE, "a"),
                event(5, LedgerEvent.Type.FREED, 9, "a"),
                event(6, LedgerEvent.Type.ALLOCATED, 9, "b"));
        assertThat(changes.closed()).isEqualTo(Map.of(77L, T0.plusSeconds(9)));
        assertThat(changes.opened()).singleElement().satisfies(i -> {
            assertThat(i.from()).isEqualTo(T0.plusSeconds(9));
            assertThat(i.to()).isNull();
        });
    }

    @Test
    void repeatedAllocationChangesNothing() {
        var changes = fold(openOn(NODE, "a"), event(5, LedgerEvent.Type.ALLOCATED, 9, "a"));
        assertThat(changes).isEqualTo(LedgerChanges.NONE);
    }

    @Test
    void claimToAddressOfAnotherNodeIsAConflict() {
        var changes = fold(openOn(OTHER_NODE, "a"), event(5, LedgerEvent.Type.ALLOCATED, 9, "a"));
        assertThat(changes.opened()).isEmpty();
        assertThat(changes.closed()).isEmpty();
        assertThat(changes.conflicts()).singleElement().satisfies(conflict -> {
            assertThat(conflict.kind()).isEqualTo(ConflictKind.ADDRESS_HELD);
            assertThat(conflict.resolvedAt()).isNull();
        });
    }

    @Test
    void conflictEndsWhenItsClaimIsFreed() {
        var changes = fold(
                openOn(OTHER_NODE, "a"),
                event(5, LedgerEvent.Type.ALLOCATED, 9, "b"),
                event(6, LedgerEvent.Type.FREED, 11, "b"));
        assertThat(changes.closed()).isEmpty();
        assertThat(changes.conflicts())
                .singleElement()
                .satisfies(conflict -> assertThat(conflict.resolvedAt()).isEqualTo(T0.plusSeconds(11)));
    }

    @Test
    void waitingClaimBecomesHolderWhenTheHolderFrees() {
        var waiting = new AddressClaim(OTHER_NODE, 20, 4, held("b"), T0.plusSeconds(2));
        var known = new AddressRecord(
                new AddressRecord.OpenInterval(77, new AddressClaim(NODE, 10, 1, held("a"), T0), T0),
                null,
                List.of(new AddressRecord.WaitingClaim(5, waiting)));
        var changes = fold(known, event(5, LedgerEvent.Type.FREED, 9, "a"));
        assertThat(changes.closed()).containsOnlyKeys(77L);
        assertThat(changes.resolved()).isEqualTo(Map.of(5L, T0.plusSeconds(9)));
        assertThat(changes.opened()).singleElement().satisfies(interval -> {
            assertThat(interval.claim()).isEqualTo(waiting);
            assertThat(interval.from()).isEqualTo(T0.plusSeconds(9));
            assertThat(interval.to()).isNull();
        });
    }

    private static AddressRecord waitingFor(AddressRecord.@Nullable OpenInterval open, String container) {
        var claim = new AddressClaim(NODE, 10, 0, held(container), T0.plusSeconds(2));
        return new AddressRecord(open, null, List.of(new AddressRecord.WaitingClaim(5, claim)));
    }

    @Test
    void repeatedWaitingClaimChangesNothing() {
        var known = waitingFor(openOn(OTHER_NODE, "a").open(), "b");
        assertThat(fold(known, event(5, LedgerEvent.Type.ALLOCATED, 9, "b"))).isEqualTo(LedgerChanges.NONE);
        var freed =
                fold(known, event(5, LedgerEvent.Type.ALLOCATED, 9, "b"), event(6, LedgerEvent.Type.FREED, 11, "b"));
        assertThat(freed.resolved()).containsOnlyKeys(5L);
        assertThat(freed.conflicts()).isEmpty();
    }

    @Test
    void waitingClaimOfFreeAddressBecomesHolder() {
        var changes = fold(waitingFor(null, "b"), event(0, LedgerEvent.Type.ALLOCATED, 9, "b"));
        assertThat(changes.resolved()).containsOnlyKeys(5L);
        assertThat(changes.opened())
                .singleElement()
                .satisfies(interval -> assertThat(interval.to()).isNull());
    }

    @Test
    void freeOfAddressNotHeldIsRecordedAsConflict() {
        var changes = fold(openOn(OTHER_NODE, "a"), event(5, LedgerEvent.Type.FREED, 9, "a"));
        assertThat(changes.closed()).isEmpty();
        assertThat(changes.conflicts())
                .singleElement()
                .satisfies(conflict -> assertThat(conflict.kind()).isEqualTo(ConflictKind.NOT_HELD));
    }

    @Test
    void clockThatJumpsBackCausesNoConflict() {
        var known = new AddressRecord(null, T0.plusSeconds(100), List.of());
        var changes =
                fold(known, event(5, LedgerEvent.Type.ALLOCATED, 50, "a"), event(6, LedgerEvent.Type.FREED, 20, "a"));
        assertThat(changes.conflicts()).isEmpty();
        assertThat(changes.opened()).singleElement().satisfies(interval -> {
            assertThat(interval.from()).isEqualTo(T0.plusSeconds(100));
            assertThat(interval.to()).isEqualTo(T0.plusSeconds(100).plusNanos(1000));
        });
    }

    @Test
    void eventTimeInTheFutureIsLimitedToArrival() {
        var changes = fold(AddressRecord.EMPTY, event(1, LedgerEvent.Type.ALLOCATED, 1_000_000, "a"));
        assertThat(changes.opened())
                .singleElement()
                .satisfies(interval -> assertThat(interval.from()).isEqualTo(LATER));
    }

    @Test
    void releaseEndsTheIntervalAndOpensConflict() {
        var changes = LedgerFold.release(LATER, KEY, openOn(NODE, "a"));
        assertThat(changes.closed()).isEqualTo(Map.of(77L, LATER));
        assertThat(changes.opened()).isEmpty();
        assertThat(changes.conflicts()).singleElement().satisfies(conflict -> {
            assertThat(conflict.kind()).isEqualTo(ConflictKind.RELEASED);
            assertThat(conflict.resolvedAt()).isNull();
            assertThat(conflict.claim().journalId()).isEqualTo(10);
        });
    }

    private static AddressRecord releasedFrom(String container) {
        var claim = new AddressClaim(NODE, 10, 0, held(container), T0.plusSeconds(2));
        return new AddressRecord(
                null, T0.plusSeconds(2), List.of(), List.of(new AddressRecord.WaitingClaim(55, claim)));
    }

    @Test
    void endOfReleasedIntervalResolvesItsConflict() {
        var changes = fold(releasedFrom("a"), event(5, LedgerEvent.Type.FREED, 9, "a"));
        assertThat(changes.resolved()).isEqualTo(Map.of(55L, T0.plusSeconds(9)));
        assertThat(changes.conflicts()).isEmpty();
        assertThat(changes.opened()).isEmpty();
    }

    @Test
    void endOfAnotherHolderDoesNotResolveTheRelease() {
        var changes = fold(releasedFrom("a"), event(5, LedgerEvent.Type.FREED, 9, "b"));
        assertThat(changes.resolved()).isEmpty();
        assertThat(changes.conflicts())
                .singleElement()
                .satisfies(conflict -> assertThat(conflict.kind()).isEqualTo(ConflictKind.NOT_HELD));
    }

    @Test
    void releasedClaimNeverBecomesHolderByItself() {
        var changes = fold(
                releasedFrom("a"),
                event(5, LedgerEvent.Type.ALLOCATED, 9, "b"),
                event(6, LedgerEvent.Type.FREED, 10, "b"));
        assertThat(changes.opened())
                .singleElement()
                .satisfies(interval -> assertThat(interval.to()).isEqualTo(T0.plusSeconds(10)));
        assertThat(changes.resolved()).isEmpty();
    }
}
