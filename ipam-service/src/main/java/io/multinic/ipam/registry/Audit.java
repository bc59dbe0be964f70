package io.multinic.ipam.registry;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.store.AuditEventFilter;
import io.multinic.ipam.store.AuditEvents;
import io.multinic.ipam.store.AuditFilter;
import io.multinic.ipam.store.AuditQueries;
import io.multinic.ipam.store.AuditQueries.Entry;
import io.multinic.ipam.store.Transactions;
import java.time.Instant;
import java.util.List;

/// Who held which address, and when; and who changed what. Cursors are places in the ledger; pages go from the newest
/// to the oldest.
public final class Audit {
    private final Transactions transactions;
    private final AuditQueries queries;
    private final AuditEvents events;

    public Audit(Transactions transactions, AuditQueries queries, AuditEvents events) {
        this.transactions = transactions;
        this.queries = queries;
        this.events = events;
    }

    /// One holder in each network at most.
    public List<AllocationInterval> holdersAt(IpAddress address, Instant at) {
        return transactions.read(() -> queries.holdersAt(address, at));
    }

    public Page<AllocationInterval> history(IpAddress address, int limit, long before) {
        return page(transactions.read(() -> queries.history(address, before, limit + 1)), limit);
    }

    public Page<AllocationInterval> search(AuditFilter filter, int limit, long before) {
        return page(transactions.read(() -> queries.audit(filter, before, limit + 1)), limit);
    }

    /// What administrators and the controller changed.
    public Page<AuditEvent> actions(AuditEventFilter filter, int limit, long before) {
        return Pages.of(
                transactions.read(() -> events.find(filter, before, limit + 1)),
                limit,
                event -> Long.toString(event.id()));
    }

    private static Page<AllocationInterval> page(List<Entry> entries, int limit) {
        boolean more = entries.size() > limit;
        var shown = more ? entries.subList(0, limit) : entries;
        return new Page<>(
                shown.stream().map(Entry::interval).toList(),
                more ? Long.toString(shown.getLast().id()) : null);
    }
}
