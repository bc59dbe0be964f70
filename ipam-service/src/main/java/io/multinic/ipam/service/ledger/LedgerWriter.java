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

/// Writer of the ledger: applies the decisions of [LedgerFold], within the caller's transaction. The caller has
/// locked the node's session.
public final class LedgerWriter {
    /// Journal of events that only end stored intervals: no row is created from them.
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
        var stored = ledger.load(events, networkIds, received);
        LedgerChanges changes = LedgerFold.fold(nodeId, journalId, received, stored, events, displaced);
        ledger.apply(changes, networkIds);
        return changes;
    }

    /// Ends all allocations of the node and its waiting claims. Claims of other nodes to these addresses are
    /// promoted.
    public void endAll(NodeRecord node, Instant at) {
        // Claims first: otherwise one of them would be promoted to an address that the same node frees.
        List<LedgerEvent> ends = Stream.concat(holdings.openClaims(node).stream(), holdings.open(node).stream())
                .map(allocation -> new LedgerEvent(0, LedgerEvent.Type.FREED, at, allocation))
                .toList();
        if (!ends.isEmpty()) {
            store(node.id(), NO_JOURNAL, ends, at);
            sessions.endJournals(node, at);
        }
    }

    /// Ends the holder's interval without an event of its node.
    ///
    /// @return the end of the interval
    public Instant release(HoldingQueries.Holder holder, Instant at) {
        Allocation held = holder.interval().allocation();
        var key = AddressKey.of(held);
        var networkIds = ledger.networkIds(List.of(held.network()));
        var stored = ledger.load(List.of(new LedgerEvent(0, LedgerEvent.Type.FREED, at, held)), networkIds, at);
        LedgerChanges changes = LedgerFold.release(at, key, Objects.requireNonNull(stored.get(key)));
        ledger.apply(changes, networkIds);
        return changes.closed().values().iterator().next();
    }
}
