package io.multinic.agent.journal;

import static io.multinic.agent.address.AddressFixtures.NOON;
import static io.multinic.agent.address.AddressFixtures.block;
import static io.multinic.agent.address.AddressFixtures.request;
import static io.multinic.agent.journal.JournalFixtures.intent;
import static io.multinic.agent.journal.JournalFixtures.requestOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.multinic.agent.journal.Attachment.State;
import io.multinic.agent.journal.BeginResult.Deleted;
import io.multinic.agent.journal.BeginResult.Existing;
import io.multinic.agent.journal.BeginResult.Recorded;
import io.multinic.agent.journal.BeginResult.Refused;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Contract of every [AllocationStore] and [Outbox].
abstract class AllocationStoreContract {
    private static final List<NicBlock> TWO_NICS =
            List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/30"), block("eth2", "fd00::/120", "fd00::/124"));

    abstract AllocationStore store();

    abstract Outbox outbox();

    @BeforeEach
    void restore() {
        assertThat(store().begin(intent("early"), request(NOON, TWO_NICS))).isEqualTo(new BeginResult.NotRestored());
        assertThat(store().restored()).isFalse();
        outbox().confirm(0);
        assertThat(store().restored()).isTrue();
    }

    private Attachment begin(String containerId) {
        return ((Recorded) store().begin(intent(containerId), request(NOON, TWO_NICS))).attachment();
    }

    private Attachment attach(String containerId) {
        var key = begin(containerId).key();
        store().attached(key, "result");
        return store().find(key).orElseThrow();
    }

    private static List<String> addresses(List<Allocation> allocations) {
        return allocations.stream().map(held -> held.address().toString()).toList();
    }

    @Test
    void intentHoldsAnAddressOfEachBlockInTheOrderOfTheRequest() {
        var attachment = begin("a");
        assertThat(attachment.state()).isEqualTo(State.INTENT);
        assertThat(attachment.result()).isNull();
        assertThat(attachment.intent()).isEqualTo(intent("a"));
        assertThat(attachment.allocations())
                .containsExactly(
                        new Allocation(
                                "net",
                                IpAddress.parse("10.0.0.1"),
                                "eth1",
                                intent("a").pod(),
                                "a",
                                "net1",
                                "net1-0"),
                        new Allocation(
                                "net",
                                IpAddress.parse("fd00::1"),
                                "eth2",
                                intent("a").pod(),
                                "a",
                                "net1",
                                "net1-1"));
        assertThat(store().find(attachment.key())).contains(attachment);
        assertThat(outbox().live()).isEmpty();
    }

    @Test
    void twoAttachmentsHoldDifferentAddresses() {
        begin("a");
        assertThat(addresses(begin("b").allocations())).containsExactly("10.0.0.2", "fd00::2");
    }

    @Test
    void beginWithATakenKeyChangesNothing() {
        var first = begin("a");
        assertThat(store().begin(intent("a"), request(NOON, TWO_NICS))).isEqualTo(new Existing(first));
        assertThat(store().attachments()).containsExactly(first);
    }

    @Test
    void refusalChangesNothing() {
        begin("a");
        begin("b");
        begin("c");
        assertThat(store().begin(intent("d"), request(NOON, TWO_NICS))).isInstanceOf(Refused.class);
        assertThat(store().find(new AttachmentKey("d", "net1"))).isEmpty();
        assertThat(store().attachments()).hasSize(3);
    }

    @Test
    void attachedAttachmentHasItsResult() {
        var key = begin("a").key();
        store().attached(key, "result");
        assertThat(store().find(key).orElseThrow().state()).isEqualTo(State.ATTACHED);
        assertThat(store().find(key).orElseThrow().result()).isEqualTo("result");
        assertThat(outbox().live()).isEqualTo(store().find(key).orElseThrow().allocations());
    }

    @Test
    void detachingOrUnknownAttachmentDoesNotBecomeAttached() {
        var key = begin("a").key();
        store().detaching(key);
        assertThatThrownBy(() -> store().attached(key, "result")).isInstanceOf(IllegalStateException.class);
        assertThat(store().find(key).orElseThrow().state()).isEqualTo(State.DETACHING);
        assertThatThrownBy(() -> store().attached(new AttachmentKey("x", "net1"), "result"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void undoneAttachmentMayBeginAgain() {
        var key = begin("a").key();
        store().undone(key, NOON, Set.of());
        assertThat(store().find(key)).isEmpty();
        assertThat(outbox().live()).isEmpty();
        assertThat(begin("a").state()).isEqualTo(State.INTENT);
    }

    @Test
    void detachedAttachmentMustNotBeginAgain() {
        var key = begin("a").key();
        store().detached(key, NOON);
        assertThat(store().find(key)).isEmpty();
        assertThat(store().begin(intent("a"), request(NOON, TWO_NICS))).isEqualTo(new Deleted(key, NOON));
        assertThat(outbox().live()).isEmpty();
    }

    @Test
    void deletionOfAnUnknownKeyLeavesATombstoneAndMayBeRepeated() {
        var key = intent("a").key();
        store().detached(key, NOON);
        store().detached(key, NOON.plusSeconds(1));
        assertThat(store().begin(intent("a"), request(NOON, TWO_NICS))).isInstanceOf(Deleted.class);
        assertThat(outbox().pending(10)).isEmpty();
    }

    @Test
    void keyMayBeginAgainAfterItsTombstoneWasDeleted() {
        store().detached(intent("a").key(), NOON);
        store().forget(NOON, NOON);
        assertThat(store().begin(intent("a"), request(NOON, TWO_NICS))).isInstanceOf(Deleted.class);
        store().forget(NOON.plusSeconds(1), NOON.plusSeconds(1));
        assertThat(store().begin(intent("a"), request(NOON, TWO_NICS))).isInstanceOf(Recorded.class);
    }

    @Test
    void freedAddressIsNotAssignedBeforeItsRestingTimeHasPassed() {
        store().detached(begin("a").key(), NOON);
        assertThat(addresses(begin("b").allocations())).containsExactly("10.0.0.2", "fd00::2");
        begin("c");
        assertThat(store().begin(intent("d"), request(NOON, TWO_NICS))).isInstanceOf(Refused.class);
        var later = store().begin(intent("d"), request(NOON.plus(Duration.ofMinutes(1)), TWO_NICS));
        assertThat(addresses(((Recorded) later).attachment().allocations())).containsExactly("10.0.0.1", "fd00::4");
    }

    @Test
    void failedAttachmentHasNoEvents() {
        store().undone(begin("a").key(), NOON, Set.of());
        store().detached(begin("b").key(), NOON);
        var c = begin("c").key();
        store().detaching(c);
        store().detached(c, NOON);
        assertThat(outbox().pending(10)).isEmpty();
        assertThat(outbox().written()).isZero();
    }

    @Test
    void addressThatWasNeverOnALinkNeedsNoRest() {
        store().undone(begin("a").key(), NOON, Set.of("net1-0"));
        begin("b");
        begin("c");
        assertThat(addresses(begin("d").allocations())).containsExactly("10.0.0.1", "fd00::4");
    }

    @Test
    void addressThatWasNeverOnALinkContinuesTheRestThatItHad() {
        var block = List.of(block("eth1", "10.0.0.0/30", "10.0.0.0/30"));
        store().begin(intent("other"), request(NOON, block, "10.0.0.2"));
        store().begin(intent("a"), request(NOON, block));
        store().detached(intent("a").key(), NOON);
        store().begin(intent("b"), request(NOON.plusSeconds(5), block, "10.0.0.1"));
        store().undone(intent("b").key(), NOON.plusSeconds(6), Set.of("net1-0"));
        assertThat(store().begin(intent("c"), request(NOON.plusSeconds(29), block)))
                .isInstanceOf(Refused.class);
        assertThat(store().begin(intent("c"), request(NOON.plusSeconds(30), block)))
                .isInstanceOf(Recorded.class);
    }

    @Test
    void repeatedAddsOfAPodUseTheSameAddresses() {
        for (int i = 0; i < 40; i++) {
            var intent = intent("try" + i, "pod", "boot");
            var tried = (Recorded) store().begin(intent, requestOf(intent, NOON, TWO_NICS));
            assertThat(addresses(tried.attachment().allocations())).containsExactly("10.0.0.1", "fd00::1");
            if (i % 2 == 0) {
                store().undone(intent.key(), NOON, Set.of());
            }
            store().detached(intent.key(), NOON);
        }
        assertThat(addresses(begin("other").allocations())).containsExactly("10.0.0.2", "fd00::2");
    }

    @Test
    void newSandboxTakesOverTheAddressesOfAnEarlierBoot() {
        var old = intent("old", "pod", "boot1");
        store().begin(old, requestOf(old, NOON, TWO_NICS, "10.0.0.3"));
        store().attached(old.key(), "result");
        outbox().confirm(outbox().written());
        var other = intent("other", "other", "boot1");
        store().begin(other, requestOf(other, NOON, TWO_NICS));

        var sandbox = intent("new", "pod", "boot2");
        var request = requestOf(sandbox, NOON.plusSeconds(1), TWO_NICS, "10.0.0.3");
        var taken = ((Recorded) store().begin(sandbox, request)).attachment();
        assertThat(addresses(taken.allocations())).containsExactly("10.0.0.3", "fd00::1");
        store().attached(sandbox.key(), "result");
        assertThat(outbox().pending(10))
                .extracting(LedgerEvent::type, event -> event.allocation().containerId())
                .containsExactly(
                        tuple(LedgerEvent.Type.FREED, "old"),
                        tuple(LedgerEvent.Type.FREED, "old"),
                        tuple(LedgerEvent.Type.ALLOCATED, "new"),
                        tuple(LedgerEvent.Type.ALLOCATED, "new"));
        assertThat(store().find(old.key()).orElseThrow().allocations()).isEmpty();
        assertThat(store().find(other.key()).orElseThrow().allocations()).hasSize(2);
        store().detached(old.key(), NOON.plusSeconds(2));
        assertThat(outbox().live()).isEqualTo(taken.allocations());
        assertThat(outbox().pending(10)).hasSize(4);
    }

    @Test
    void newSandboxDoesNotTakeOverWhatMayBeInUse() {
        var sameBoot = intent("old", "pod", "boot2");
        store().begin(sameBoot, requestOf(sameBoot, NOON, TWO_NICS));
        var pod = sameBoot.pod();
        var restored = new Allocation("net", IpAddress.parse("10.0.0.3"), "eth1", pod, "restored", "net1", "net1-0");
        outbox().restore(List.of(restored));
        var noUid = new Intent(
                new AttachmentKey("unnamed", "net1"),
                "net",
                new Sandbox("/run/netns/unnamed", "boot1/4/1"),
                new PodRef("default", "pod", ""),
                "fingerprint",
                "detail");
        store().begin(noUid, requestOf(noUid, NOON, TWO_NICS));

        var sandbox = intent("new", "pod", "boot2");
        assertThat(store().begin(sandbox, requestOf(sandbox, NOON, TWO_NICS))).isInstanceOf(Refused.class);
        assertThat(store().attachments())
                .extracting(attachment -> attachment.allocations().size())
                .containsExactly(2, 1, 2);
    }

    @Test
    void attachmentWithoutAddressesIsRecorded() {
        var recorded = (Recorded) store().begin(intent("a"), request(NOON, List.of()));
        assertThat(recorded.attachment().allocations()).isEmpty();
        assertThat(store().attachments()).containsExactly(recorded.attachment());
    }

    @Test
    void attachmentsAreListedOldestFirst() {
        begin("b");
        begin("a");
        assertThat(store().attachments())
                .extracting(held -> held.key().containerId())
                .containsExactly("b", "a");
    }

    @Test
    void eventsAreNumberedWithoutGapsFromOne() {
        var a = attach("a");
        store().begin(intent("a"), request(NOON, TWO_NICS));
        store().detached(a.key(), NOON.plusSeconds(1));
        assertThat(outbox().pending(3)).hasSize(3);
        assertThat(outbox().pending(10))
                .containsExactly(
                        new LedgerEvent(
                                1,
                                LedgerEvent.Type.ALLOCATED,
                                NOON,
                                a.allocations().get(0)),
                        new LedgerEvent(
                                2,
                                LedgerEvent.Type.ALLOCATED,
                                NOON,
                                a.allocations().get(1)),
                        new LedgerEvent(
                                3,
                                LedgerEvent.Type.FREED,
                                NOON.plusSeconds(1),
                                a.allocations().get(0)),
                        new LedgerEvent(
                                4,
                                LedgerEvent.Type.FREED,
                                NOON.plusSeconds(1),
                                a.allocations().get(1)));
    }

    @Test
    void confirmedEventsAreDroppedAndTheirNumbersAreNotReused() {
        assertThat(outbox().confirmed()).isZero();
        attach("a");
        outbox().confirm(1);
        assertThat(outbox().confirmed()).isOne();
        assertThat(outbox().pending(10)).extracting(LedgerEvent::sequence).containsExactly(2L);
        outbox().confirm(2);
        assertThat(outbox().confirmed()).isEqualTo(2);
        attach("b");
        assertThat(outbox().pending(10)).extracting(LedgerEvent::sequence).containsExactly(3L, 4L);
        assertThat(outbox().confirmed()).isEqualTo(2);
    }

    @Test
    void backlogHasAllPendingEventsAndTheTimeOfTheFirst() {
        assertThat(outbox().backlog()).isEqualTo(new Outbox.Backlog(0, Optional.empty()));
        var a = attach("a");
        store().detached(a.key(), NOON.plusSeconds(1));
        assertThat(outbox().backlog()).isEqualTo(new Outbox.Backlog(4, Optional.of(NOON)));
        outbox().confirm(3);
        assertThat(outbox().backlog()).isEqualTo(new Outbox.Backlog(1, Optional.of(NOON.plusSeconds(1))));
        outbox().confirm(4);
        assertThat(outbox().backlog()).isEqualTo(new Outbox.Backlog(0, Optional.empty()));
        attach("b");
        outbox().renewStoreId("another", List.of(), NOON.plusSeconds(2));
        assertThat(outbox().backlog()).isEqualTo(new Outbox.Backlog(2, Optional.of(NOON.plusSeconds(2))));
    }

    @Test
    void attachmentThatTheLedgerWouldRejectIsNotRecorded() {
        var intent = new Intent(
                new AttachmentKey("a", "net1"),
                "net",
                new Sandbox("/run/netns/a", "boot/4/a"),
                new PodRef("default", "x".repeat(254), "uid"),
                "fingerprint",
                "detail");
        assertThatThrownBy(() -> store().begin(intent, request(NOON, TWO_NICS)))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining("pod.name has 254 characters");
        assertThat(store().attachments()).isEmpty();
        assertThat(outbox().pending(10)).isEmpty();
        assertThat(addresses(begin("b").allocations())).first().isEqualTo("10.0.0.1");
    }

    @Test
    void deliveryIsCompleteUpToTheTimeAtWhichNoOtherEventWasPending() {
        attach("a");
        assertThat(outbox().next(2, () -> NOON.plusSeconds(5)).asOf()).isEmpty();
        var all = outbox().next(3, () -> NOON.plusSeconds(5));
        assertThat(all.events()).hasSize(2);
        assertThat(all.asOf()).contains(NOON.plusSeconds(5));
    }

    @Test
    void eventIsNotDatedBeforeTheTimeThatWasDeliveredAsComplete() {
        outbox().next(1, () -> NOON.plusSeconds(5));
        // The request read the clock at noon and was written after the delivery.
        attach("slow");
        assertThat(outbox().pending(10)).extracting(LedgerEvent::at).containsOnly(NOON.plusSeconds(5));
        store().detached(intent("slow").key(), NOON.plusSeconds(6));
        assertThat(outbox().pending(10).getLast().at()).isEqualTo(NOON.plusSeconds(6));
    }

    @Test
    void runningAddHoldsUpTheTimeOfCompleteDeliveriesForABoundedTime() {
        var slow = begin("slow").key();
        begin("stuck");
        assertThat(outbox().next(9, () -> NOON.plusSeconds(5)).asOf()).contains(NOON);
        store().attached(slow, "result");
        assertThat(outbox().pending(10)).extracting(LedgerEvent::at).containsOnly(NOON);
        assertThat(outbox().next(9, () -> NOON.plusSeconds(59)).asOf()).contains(NOON);
        assertThat(outbox().next(9, () -> NOON.plusSeconds(60)).asOf()).contains(NOON.plusSeconds(60));
        store().attached(intent("stuck").key(), "result");
        assertThat(outbox().pending(10).getLast().at()).isEqualTo(NOON.plusSeconds(60));
    }

    @Test
    void clockThatWasSetBackIsUsedAfterTheNextDelivery() {
        outbox().next(1, () -> NOON.plusSeconds(3_600));
        outbox().next(1, () -> NOON.minusSeconds(1));
        attach("a");
        assertThat(outbox().pending(10)).extracting(LedgerEvent::at).containsOnly(NOON);
    }

    @Test
    void listenerRunsAfterTheCommit() {
        var seen = new AtomicInteger();
        outbox().onEvents(() -> seen.set(outbox().pending(10).size()));
        attach("a");
        assertThat(seen).hasValue(2);
    }

    @Test
    void restoredAllocationIsHeldAndFreedByItsDeletion() {
        var known = new Allocation(
                "net", IpAddress.parse("10.0.0.1"), "eth1", new PodRef("ns", "old", ""), "old", "net1", "net1-0");
        outbox().restore(List.of(known));
        assertThat(outbox().live()).containsExactly(known);
        assertThat(outbox().pending(10)).isEmpty();
        assertThat(addresses(begin("a").allocations())).first().isEqualTo("10.0.0.2");
        store().detached(new AttachmentKey("old", "net1"), NOON);
        assertThat(outbox().pending(10))
                .last()
                .extracting(LedgerEvent::allocation)
                .isEqualTo(known);
    }

    @Test
    void restoreChangesNothingThatTheJournalKnows() {
        var a = attach("a");
        store().detached(intent("gone").key(), NOON);
        var pod = new PodRef("ns", "x", "");
        outbox().restore(List.of(
                new Allocation("net", IpAddress.parse("10.0.0.1"), "eth1", pod, "other", "net1", "net1-0"),
                new Allocation("net", IpAddress.parse("10.0.0.3"), "eth1", pod, "a", "net1", "net1-0"),
                new Allocation("net", IpAddress.parse("10.0.0.2"), "eth1", pod, "gone", "net1", "net1-0")));
        assertThat(outbox().live()).isEqualTo(a.allocations());
    }

    @Test
    void freedAllocationIsNotRestoredWhileItsEventIsPending() {
        var a = attach("a");
        store().undone(a.key(), NOON, Set.of());
        outbox().restore(a.allocations());
        assertThat(outbox().live()).isEmpty();
        outbox().confirm(4);
        outbox().restore(a.allocations());
        assertThat(outbox().live()).isEqualTo(a.allocations());
    }

    /// An allocation that the ledger shows, of an attachment that this journal may not have.
    private static Allocation shown(String address, String containerId) {
        var pod = intent(containerId).pod();
        return new Allocation("net", IpAddress.parse(address), "eth1", pod, containerId, "net1", "net1-0");
    }

    @Test
    void restoredAllocationOfADeletedAttachmentCreatesAFreedEvent() {
        var gone = shown("10.0.0.2", "gone");
        store().detached(new AttachmentKey("gone", "net1"), NOON);
        outbox().restore(List.of(gone));
        outbox().restore(List.of(gone));
        assertThat(outbox().live()).isEmpty();
        assertThat(outbox().pending(10)).containsExactly(new LedgerEvent(1, LedgerEvent.Type.FREED, NOON, gone));
    }

    @Test
    void journalThatWasSetBackSendsAllThatItHoldsUnderANewStoreId() {
        var a = attach("a");
        var b = attach("b");
        outbox().confirm(3);
        store().undone(b.key(), NOON.plusSeconds(1), Set.of());
        store().detached(new AttachmentKey("gone", "net1"), NOON.plusSeconds(2));
        assertThat(outbox().written()).isEqualTo(6);

        var taken = shown(a.allocations().getFirst().address().toString(), "later");
        var second = shown("10.0.0.9", "a");
        var gone = shown("10.0.0.8", "gone");
        outbox().renewStoreId("another", List.of(taken, b.allocations().getFirst(), second, gone), NOON.plusSeconds(9));

        assertThat(outbox().storeId()).isEqualTo("another");
        assertThat(store().restored()).isFalse();
        assertThat(outbox().confirmed()).isZero();
        assertThat(outbox().live())
                .as("the ledger's holder is the newer one, and an address that was freed here stays free")
                .containsExactlyInAnyOrder(a.allocations().getLast(), taken, second);
        List<LedgerEvent> renumbered = outbox().pending(10);
        assertThat(renumbered).extracting(LedgerEvent::sequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(renumbered.subList(0, 3))
                .extracting(LedgerEvent::type, LedgerEvent::at, LedgerEvent::allocation)
                .containsExactly(
                        tuple(
                                LedgerEvent.Type.FREED,
                                NOON.plusSeconds(1),
                                b.allocations().get(0)),
                        tuple(
                                LedgerEvent.Type.FREED,
                                NOON.plusSeconds(1),
                                b.allocations().get(1)),
                        tuple(LedgerEvent.Type.FREED, NOON.plusSeconds(2), gone));
        assertThat(renumbered.subList(3, 6)).allSatisfy(event -> {
            assertThat(event.type()).isEqualTo(LedgerEvent.Type.ALLOCATED);
            assertThat(event.at()).isEqualTo(NOON.plusSeconds(9));
        });
        assertThat(renumbered.subList(3, 6)).extracting(LedgerEvent::allocation).isEqualTo(outbox().live());
        outbox().confirm(6);
        assertThat(outbox().written()).isEqualTo(6);
        store().detached(new AttachmentKey("later", "net1"), NOON.plusSeconds(10));
        assertThat(outbox().pending(10))
                .containsExactly(new LedgerEvent(7, LedgerEvent.Type.FREED, NOON.plusSeconds(10), taken));
    }
}
