package io.multinic.agent.journal;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Port of the journal for delivery to the ledger: events are sent in order and stay until the ledger has confirmed
/// them.
public interface Outbox {
    /// Identifies this journal; a journal on a wiped disk has another id.
    String storeId();

    /// The oldest events that the ledger has not confirmed, in the order of their sequence, at most `limit`.
    List<LedgerEvent> pending(int limit);

    /// The number of events that the ledger has not confirmed, and the oldest of them. From memory: health and metrics
    /// are read by others at any rate, and must not slow down the journal.
    Backlog backlog();

    /// Events that wait for delivery.
    ///
    /// @param oldest time of the first one; empty if there is none
    record Backlog(long pending, Optional<Instant> oldest) {
        Backlog plus(Instant at) {
            return new Backlog(pending + 1, oldest.or(() -> Optional.of(at)));
        }
    }

    /// The oldest events, as [#pending(int)], with the time up to which they are complete.
    ///
    /// If fewer than `limit` events are pending, the clock is read while the journal is locked; events that are
    /// written later are not dated before that time.
    ///
    /// While an ADD runs, the time is at most that of its grant, because its events are dated with that time.
    /// An ADD that runs for longer than [#LONGEST_ADD] does not hold up the time.
    Delivery next(int limit, InstantSource clock);

    /// Bound of the delay by which a running ADD holds up the time of complete deliveries.
    Duration LONGEST_ADD = Duration.ofSeconds(60);

    /// Events for one batch.
    ///
    /// @param asOf time before which there is no other event, nor will be; empty if more events are pending
    record Delivery(List<LedgerEvent> events, Optional<Instant> asOf) {
        public Delivery {
            events = List.copyOf(events);
        }
    }

    /// Drops events up to and including `sequence`, because the ledger has them. The first call marks a new journal
    /// as restored.
    void confirm(long sequence);

    /// The last sequence that the ledger confirmed, 0 if none.
    long confirmed();

    /// Adds a listener that is called after each commit that may have added events. The listener must not block.
    void onEvents(Runnable listener);

    /// Addresses of complete attachments, which pods of this node hold now.
    List<Allocation> live();

    /// Adds allocations that the ledger shows as held here and that this journal does not have. What the journal
    /// has recorded takes precedence, including that an address was freed. Restored allocations create no events,
    /// because the ledger has them; an allocation whose attachment has a tombstone here creates a FREED event.
    void restore(List<Allocation> allocations);

    /// The last sequence that was assigned, 0 if none. If the ledger has a later one of this journal, the file was
    /// set back to an earlier state.
    long written();

    /// Continues a journal that was set back to an earlier state under a new store id; durable.
    ///
    /// Freed events that are not confirmed, and an ALLOCATED event for each address that is held afterwards, are
    /// numbered from 1. Where the ledger and the journal name different holders of an address, the ledger is the
    /// newer one.
    ///
    /// @param held allocations that the ledger shows as held here in addition to [#live]
    /// @param at time of the ALLOCATED events
    void renewStoreId(String storeId, List<Allocation> held, Instant at);
}
