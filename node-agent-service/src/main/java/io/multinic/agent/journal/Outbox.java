package io.multinic.agent.journal;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// The journal as the uplink to the ledger sees it: events leave in order and stay until the ledger has them.
public interface Outbox {
    /// Names this journal; a wiped disk gets another one.
    String storeId();

    /// The oldest events that the ledger has not confirmed, in the order of their sequence, at most `limit`.
    List<LedgerEvent> pending(int limit);

    /// The oldest events like [#pending(int)], and up to when they are all there are.
    ///
    /// Where fewer than `limit` are pending, the clock is read while nobody can write to the journal, and what is
    /// written from then on does not count for an earlier moment.
    Delivery next(int limit, InstantSource clock);

    /// @param asOf there is no other event from before this moment, and there will be none; empty if there are more
    ///     events than these
    record Delivery(List<LedgerEvent> events, Optional<Instant> asOf) {
        public Delivery {
            events = List.copyOf(events);
        }
    }

    /// The ledger has everything up to and including `sequence`; events up to there may be dropped. The first call
    /// introduces a new journal: what the ledger knew to be held here has been restored by then.
    void confirm(long sequence);

    /// The last sequence that the ledger confirmed, 0 if none.
    long confirmed();

    /// Runs after each commit that put events into the outbox; must return at once.
    void onEvents(Runnable listener);

    /// What this node's pods hold now.
    List<Allocation> live();

    /// Takes over what the ledger knows to be held here and this journal does not know; what it knows stays, also
    /// that it was freed. No events follow, since the ledger has them; but of what was deleted here before it was
    /// known, the ledger hears.
    void restore(List<Allocation> allocations);

    /// The last sequence that was given, 0 if none. A ledger that has more of this journal has it from a later
    /// state of the file than the present one.
    long written();

    /// Begins a journal of another name in place of one that was set back to an earlier state of itself; durable.
    ///
    /// `held` is what the ledger shows as held here beside [#live]. Where it names an address that somebody else
    /// holds here, the ledger's word is the later one. All that is held then, and what was freed and not
    /// confirmed, is told anew, in numbers from 1.
    void renewStoreId(String storeId, List<Allocation> held, Instant at);
}
