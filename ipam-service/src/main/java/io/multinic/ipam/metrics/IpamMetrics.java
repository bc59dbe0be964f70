package io.multinic.ipam.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.ipam.ledger.LedgerChanges;
import io.multinic.ipam.store.usage.MetricsSnapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Meters of the service. Addresses, pods and containers are never tags.
public final class IpamMetrics {
    public static final String LEDGER_EVENTS = "multi_nic_ipam_ledger_events";
    public static final String LEDGER_BATCH_TIME = "multi_nic_ipam_ledger_batch";
    public static final String LEDGER_LAG_MAX = "multi_nic_ipam_ledger_lag_max";
    public static final String LEDGER_LAG_NODES = "multi_nic_ipam_ledger_lag_nodes";
    public static final String PLAN_COMPUTATION = "multi_nic_ipam_plan_computation";
    public static final String PLAN_LAG_MAX = "multi_nic_ipam_plan_lag_max_revisions";
    public static final String PLAN_LAG_NODES = "multi_nic_ipam_plan_lag_nodes";
    public static final String ADDRESSES_HELD = "multi_nic_ipam_addresses_held";
    public static final String ADDRESSES_CAPACITY = "multi_nic_ipam_addresses_capacity";
    public static final String HOST_ADDRESSES_HELD = "multi_nic_ipam_host_addresses_held";
    public static final String HOST_ADDRESSES_CAPACITY = "multi_nic_ipam_host_addresses_capacity";
    public static final String CONFLICTS_OPEN = "multi_nic_ipam_conflicts_open";
    public static final String FIGURES_AGE = "multi_nic_ipam_figures_age";
    public static final String HISTORY_MOVED = "multi_nic_ipam_history_moved";
    public static final String HISTORY_MONTHS = "multi_nic_ipam_history_months";
    public static final String LEDGER_BATCH_EVENTS = "multi_nic_ipam_ledger_batch_events";
    public static final String CONFLICTS = "multi_nic_ipam_conflicts";
    public static final String POLL_WAITERS = "multi_nic_ipam_poll_waiters";
    public static final String REQUESTS_REFUSED = "multi_nic_ipam_requests_refused";

    public static final String QUARANTINE = "multi_nic_ipam_quarantine";
    public static final String QUARANTINE_WAITING = "multi_nic_ipam_quarantine_waiting";
    public static final String UNSETTLED_BLOCKS = "multi_nic_ipam_unsettled_blocks";

    private final MeterRegistry registry;
    private final Counter events;
    private final DistributionSummary batchEvents;
    private final Timer batchTime;
    private final Timer planComputation;
    private final Counter moved;
    private final Map<String, MultiGauge> multi = new HashMap<>();
    private volatile @Nullable MetricsSnapshot figures;

    public IpamMetrics(MeterRegistry registry, InstantSource clock) {
        this.registry = registry;
        events = counter(LEDGER_EVENTS, "events of the nodes' journals that were stored");
        batchEvents = DistributionSummary.builder(LEDGER_BATCH_EVENTS)
                .description("new events in a batch")
                .register(registry);
        batchTime = Timer.builder(LEDGER_BATCH_TIME)
                .description("storing a batch of a node's journal, with and without events")
                .register(registry);
        planComputation = Timer.builder(PLAN_COMPUTATION)
                .description("computing the plan of one network, for all or for some nodes, without storing it")
                .register(registry);
        moved = counter(HISTORY_MOVED, "ended intervals that were moved to their month");
        months("made");
        months("dropped");
        multi(ADDRESSES_HELD, "addresses that pods hold in the blocks of the network's interface");
        multi(ADDRESSES_CAPACITY, "addresses that pods can have in the blocks of the network's interface");
        multi(HOST_ADDRESSES_HELD, "the same of one host's blocks; only with multi-nic.ipam.metrics.per-host");
        multi(HOST_ADDRESSES_CAPACITY, "the same of one host's blocks; only with multi-nic.ipam.metrics.per-host");
        multi(CONFLICTS_OPEN, "claims that contradict the ledger and are not resolved");
        figure(
                LEDGER_LAG_MAX,
                "age of the last report of the node that is furthest behind",
                figures -> figures.lag().maxSeconds());
        figure(
                LEDGER_LAG_NODES,
                "nodes that have not reported for longer than multi-nic.ipam.audit.lag-limit",
                figures -> figures.lag().nodes());
        figure(
                PLAN_LAG_MAX,
                "changes by which the node that is furthest behind its plan is behind",
                figures -> figures.planLag().maxRevisions());
        figure(
                PLAN_LAG_NODES,
                "nodes that go by another plan than theirs",
                figures -> figures.planLag().nodes());
        figure(
                FIGURES_AGE,
                "how old the figures are that were read from the database",
                figures -> Duration.between(figures.at(), clock.instant()).toMillis() / 1000.0);
        for (ConflictKind kind : ConflictKind.values()) {
            conflicts(kind);
        }
        for (Refused reason : Refused.values()) {
            refusals(reason);
        }
    }

    /// Reason why a request was rejected before it was processed.
    public enum Refused {
        /// No token, or an invalid one.
        UNAUTHENTICATED,
        /// The token is valid, but not for this operation.
        NOT_ALLOWED,
        /// The keys to verify the token are unavailable.
        KEYS_UNAVAILABLE
    }

    private Counter refusals(Refused reason) {
        return counter(REQUESTS_REFUSED, "requests that were turned away for their token", "reason", reason.name());
    }

    public void refused(Refused reason) {
        refusals(reason).increment();
    }

    private Counter conflicts(ConflictKind kind) {
        return counter(CONFLICTS, "events that contradict the ledger", "kind", kind.name());
    }

    private Counter months(String what) {
        return counter(HISTORY_MONTHS, "months of the history, in all tables together", "what", what);
    }

    /// Returns the existing counter, if there is one.
    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private void multi(String name, String description) {
        multi.put(name, MultiGauge.builder(name).description(description).register(registry));
    }

    /// Gauge of a figure; NaN until the first figures are available.
    private void figure(String name, String description, ToDoubleFunction<MetricsSnapshot> value) {
        var gauge = Gauge.builder(name, () -> {
                    MetricsSnapshot present = figures;
                    return present == null ? Double.NaN : value.applyAsDouble(present);
                })
                .description(description);
        if (name.equals(LEDGER_LAG_MAX) || name.equals(FIGURES_AGE)) {
            gauge.baseUnit("seconds");
        }
        gauge.register(registry);
    }

    /// Counts a stored batch.
    public void stored(int newEvents, LedgerChanges changes, Duration took) {
        events.increment(newEvents);
        if (newEvents > 0) {
            batchEvents.record(newEvents);
        }
        batchTime.record(took);
        changes.conflicts().forEach(conflict -> conflicts(conflict.kind()).increment());
    }

    /// Times the computation of a plan.
    public <T> T planned(Supplier<T> plan) {
        return planComputation.record(plan);
    }

    /// Counts ended intervals that were moved to their month.
    public void moved(int intervals) {
        moved.increment(intervals);
    }

    /// @param what "made" or "dropped"
    public void months(String what, int count) {
        months(what).increment(count);
    }

    /// Publishes new figures, and removes series that they no longer contain.
    public void show(MetricsSnapshot figures) {
        this.figures = figures;
        rows(ADDRESSES_HELD, figures.usage(), IpamMetrics::tags, MetricsSnapshot.Usage::held);
        rows(ADDRESSES_CAPACITY, figures.usage(), IpamMetrics::tags, MetricsSnapshot.Usage::capacity);
        rows(HOST_ADDRESSES_HELD, figures.hosts(), IpamMetrics::tags, MetricsSnapshot.Usage::held);
        rows(HOST_ADDRESSES_CAPACITY, figures.hosts(), IpamMetrics::tags, MetricsSnapshot.Usage::capacity);
        rows(
                CONFLICTS_OPEN,
                List.of(ConflictKind.values()),
                kind -> Tags.of("kind", kind.name()),
                kind -> figures.openConflicts().getOrDefault(kind.name(), 0L));
    }

    private static Tags tags(MetricsSnapshot.Usage usage) {
        var tags = Tags.of(
                "network", usage.network(),
                "interface", Integer.toString(usage.interfaceIndex()),
                "family", "ipv" + usage.family());
        return usage.node().isEmpty() ? tags : tags.and("node", usage.node());
    }

    private <T> void rows(String name, List<T> items, Function<T, Tags> tags, Function<T, Number> value) {
        Objects.requireNonNull(multi.get(name))
                .register(
                        items.stream()
                                .map(one -> MultiGauge.Row.of(tags.apply(one), value.apply(one)))
                                .toList(),
                        true);
    }

    /// Registers the number of agents that wait for a change of their plan.
    public void waiters(Supplier<Number> waiters) {
        gauge(POLL_WAITERS, "plan polls that wait for a change", waiters);
    }

    /// @param active 1 while no new index is assigned, else 0
    /// @param waiting number of nodes that have not reported
    /// @param unsettled number of stated blocks that the plan does not assign to their nodes
    public void quarantine(Supplier<Number> active, Supplier<Number> waiting, Supplier<Number> unsettled) {
        gauge(QUARANTINE, "1 while no new index is given out because the database may have lost commits", active);
        gauge(QUARANTINE_WAITING, "nodes that have not said which blocks they have", waiting);
        gauge(UNSETTLED_BLOCKS, "blocks that nodes have stated and do not have", unsettled);
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }
}
