package io.multinic.ipam.service.ledger;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.AuditPage;
import io.multinic.contract.wire.Completeness;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.service.Pages;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.audit.AuditEventFilter;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.audit.IntervalFilter;
import io.multinic.ipam.store.audit.IntervalQueries;
import io.multinic.ipam.store.audit.IntervalQueries.Entry;
import io.multinic.ipam.store.ledger.CompletenessQueries;
import io.multinic.ipam.store.ledger.ConflictQueries;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// Audit queries: holders of addresses over time, conflicts, and administrative changes. Cursors are ids; pages go
/// from the newest to the oldest.
public final class Audit {
    private final Transactions transactions;
    private final IntervalQueries queries;
    private final AuditEvents events;
    private final ConflictQueries conflicts;
    private final CompletenessQueries reports;
    private final InstantSource clock;
    private final Duration lagLimit;

    /// @param lagLimit maximum age of the last report of a node that counts as up to date
    public Audit(
            Transactions transactions,
            IntervalQueries queries,
            AuditEvents events,
            ConflictQueries conflicts,
            CompletenessQueries reports,
            InstantSource clock,
            Duration lagLimit) {
        this.transactions = transactions;
        this.queries = queries;
        this.events = events;
        this.conflicts = conflicts;
        this.reports = reports;
        this.clock = clock;
        this.lagLimit = lagLimit;
    }

    /// Holders of the address at this time, at most one in each network.
    public AuditPage holdersAt(IpAddress address, Instant at) {
        return transactions.read(() -> new AuditPage(queries.holdersAt(address, at), null, completeness()));
    }

    public AuditPage history(IpAddress address, int limit, long before) {
        return transactions.read(() -> page(queries.history(address, before, limit + 1), limit));
    }

    public AuditPage search(IntervalFilter filter, int limit, long before) {
        return transactions.read(() -> page(queries.audit(filter, before, limit + 1), limit));
    }

    public Page<Conflict> conflicts(ConflictQueries.Filter filter, int limit, long before) {
        return Pages.of(
                transactions.read(() -> conflicts.find(filter, before, limit + 1)),
                limit,
                conflict -> Long.toString(conflict.id()));
    }

    /// Completeness of the ledger in the present transaction.
    private Completeness completeness() {
        return reports.completeness(clock.instant().minus(lagLimit));
    }

    /// Changes that administrators and the controller made.
    public Page<AuditEvent> actions(AuditEventFilter filter, int limit, long before) {
        return Pages.of(
                transactions.read(() -> events.find(filter, before, limit + 1)),
                limit,
                event -> Long.toString(event.id()));
    }

    private AuditPage page(List<Entry> entries, int limit) {
        boolean more = entries.size() > limit;
        var shown = more ? entries.subList(0, limit) : entries;
        return new AuditPage(
                shown.stream().map(Entry::interval).toList(),
                more ? Long.toString(shown.getLast().id()) : null,
                completeness());
    }
}
