package io.multinic.ipam.service.ledger;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.ipam.ledger.AddressKey;
import io.multinic.ipam.ledger.LedgerChanges;
import io.multinic.ipam.ledger.LedgerFold;
import io.multinic.ipam.store.NodeRecord;
import io.multinic.ipam.store.ledger.HoldingQueries;
import io.multinic.ipam.store.ledger.LedgerStore;
import io.multinic.ipam.store.ledger.SessionStore;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// Decides what events do to the ledger and stores that, within the caller's transaction. The session of the node is
/// locked by the caller.
public final class LedgerWriter {
    /// No row is made of an event that ends what is stored, so no journal is named in one.
    private static final long NO_JOURNAL = 0;

    private final LedgerStore ledger;
    private final HoldingQueries holdings;
    private final SessionStore sessions;

    public LedgerWriter(LedgerStore ledger, HoldingQueries holdings, SessionStore sessions) {
        this.ledger = ledger;
        this.holdings = holdings;
        this.sessions = sessions;
    }

    /// Stores events of the node's journal.
    public LedgerChanges store(long nodeId, long journalId, List<LedgerEvent> events, Instant received) {
        return store(nodeId, journalId, events, received, Set.of());
    }

    /// Stores events after it has ended the intervals in `displaced`, see [LedgerFold].
    public LedgerChanges store(
            long nodeId, long journalId, List<LedgerEvent> events, Instant received, Set<Long> displaced) {
        var networkIds = ledger.networkIds(
                events.stream().map(event -> event.allocation().network()).toList());
        var known = ledger.known(events, networkIds, received);
        LedgerChanges changes = LedgerFold.fold(nodeId, journalId, received, known, events, displaced);
        ledger.apply(changes, networkIds);
        return changes;
    }

    /// Ends all that the node holds, and all that it claims against others. Who waits for one of its addresses
    /// gets it.
    public void endAll(NodeRecord node, Instant at) {
        // Claims first: else one of them would get what the node itself gives up.
        List<LedgerEvent> ends = Stream.concat(holdings.claimed(node).stream(), holdings.open(node).stream())
                .map(allocation -> new LedgerEvent(0, LedgerEvent.Type.FREED, at, allocation))
                .toList();
        if (!ends.isEmpty()) {
            store(node.id(), NO_JOURNAL, ends, at);
            sessions.endJournals(node, at);
        }
    }

    /// Ends what the holder has, although its node has not said so.
    ///
    /// @return the moment of its end
    public Instant release(HoldingQueries.Holder holder, Instant at) {
        Allocation held = holder.interval().allocation();
        var key = AddressKey.of(held);
        var networkIds = ledger.networkIds(List.of(held.network()));
        var known = ledger.known(List.of(new LedgerEvent(0, LedgerEvent.Type.FREED, at, held)), networkIds, at);
        LedgerChanges changes = LedgerFold.release(at, key, Objects.requireNonNull(known.get(key)));
        ledger.apply(changes, networkIds);
        return changes.closed().values().iterator().next();
    }
}
