package io.multinic.ipam.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.ipam.ledger.LedgerChanges;
import java.util.function.Supplier;

/// The service's own meters. No address, pod or container is ever a tag.
public final class IpamMetrics {
    public static final String LEDGER_EVENTS = "multi_nic_ipam_ledger_events";
    public static final String LEDGER_BATCH_EVENTS = "multi_nic_ipam_ledger_batch_events";
    public static final String CONFLICTS = "multi_nic_ipam_conflicts";
    public static final String POLL_WAITERS = "multi_nic_ipam_poll_waiters";
    public static final String REQUESTS_REFUSED = "multi_nic_ipam_requests_refused";

    private final MeterRegistry registry;
    private final Counter events;
    private final DistributionSummary batchEvents;

    public IpamMetrics(MeterRegistry registry) {
        this.registry = registry;
        events = Counter.builder(LEDGER_EVENTS)
                .description("events of the nodes' journals that were stored")
                .register(registry);
        batchEvents = DistributionSummary.builder(LEDGER_BATCH_EVENTS)
                .description("new events in a batch")
                .register(registry);
        for (LedgerChanges.Kind kind : LedgerChanges.Kind.values()) {
            conflicts(kind);
        }
        for (Refused reason : Refused.values()) {
            refusals(reason);
        }
    }

    /// Why a request was turned away before it was looked at.
    public enum Refused {
        /// No token, or one that does not count.
        UNAUTHENTICATED,
        /// The token counts, but not for this operation.
        NOT_ALLOWED,
        /// Nobody could tell whether the token counts.
        KEYS_UNAVAILABLE
    }

    private Counter refusals(Refused reason) {
        return Counter.builder(REQUESTS_REFUSED)
                .description("requests that were turned away for their token")
                .tag("reason", reason.name())
                .register(registry);
    }

    public void refused(Refused reason) {
        refusals(reason).increment();
    }

    private Counter conflicts(LedgerChanges.Kind kind) {
        return Counter.builder(CONFLICTS)
                .description("events that contradict the ledger")
                .tag("kind", kind.name())
                .register(registry);
    }

    /// A batch was stored.
    public void stored(int newEvents, LedgerChanges changes) {
        events.increment(newEvents);
        batchEvents.record(newEvents);
        changes.conflicts().forEach(conflict -> conflicts(conflict.kind()).increment());
    }

    /// How many agents wait for a change of their plan.
    public void waiters(Supplier<Number> waiters) {
        Gauge.builder(POLL_WAITERS, waiters)
                .description("plan polls that wait for a change")
                .register(registry);
    }
}
