package io.multinic.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.ledger.LedgerUplink;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.contract.wire.NodePlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// How far this node is from what is planned for it, and the ledger from what this node has done.
///
/// The series of a network go when the network goes.
public final class EdgeMetrics {
    private static final String PLAN_REVISION = "multi_nic_agent_plan_revision";
    private static final String LEDGER_PENDING = "multi_nic_agent_ledger_pending_events";
    private static final String LEDGER_LAG = "multi_nic_agent_ledger_lag_seconds";
    private static final String ROUTES_WANTED = "multi_nic_agent_routes_wanted";
    private static final String ROUTES_PRESENT = "multi_nic_agent_routes_present";
    private static final String RECONCILIATIONS = "multi_nic_agent_reconciliations";

    private final MeterRegistry registry;
    private final MultiGauge routesWanted;
    private final MultiGauge routesPresent;

    public EdgeMetrics(MeterRegistry registry, CurrentPlan plans, LedgerUplink uplink, InstantSource clock) {
        this.registry = registry;
        routesWanted = MultiGauge.builder(ROUTES_WANTED)
                .description("host routes that follow from the plan")
                .register(registry);
        routesPresent = MultiGauge.builder(ROUTES_PRESENT)
                .description("of these, host routes seen in the kernel")
                .register(registry);
        Gauge.builder(PLAN_REVISION, plans, EdgeMetrics::revision)
                .description("revision of the plan in use, 0 without one")
                .register(registry);
        Gauge.builder(LEDGER_PENDING, uplink, up -> up.status().pending())
                .description("events that the ledger does not have, counted up to one batch")
                .register(registry);
        Gauge.builder(LEDGER_LAG, uplink, up -> lag(up, clock))
                .description("age of the oldest event that the ledger does not have")
                .baseUnit("seconds")
                .register(registry);
    }

    private static double revision(@Nullable CurrentPlan plans) {
        return plans == null ? 0 : plans.plan().map(NodePlan::revision).orElse(0L);
    }

    private static double lag(LedgerUplink uplink, InstantSource clock) {
        Instant now = clock.instant();
        return uplink.status()
                .oldest()
                .map(oldest -> Math.max(0, Duration.between(oldest, now).toMillis() / 1000.0))
                .orElse(0.0);
    }

    public void routes(HostRoutesState state) {
        routesWanted.register(
                state.networks().stream()
                        .map(network -> MultiGauge.Row.of(
                                Tags.of("network", String.valueOf(network.name())), network.routesWanted()))
                        .toList(),
                true);
        routesPresent.register(
                state.networks().stream()
                        .map(network -> MultiGauge.Row.of(
                                Tags.of("network", String.valueOf(network.name())), network.routesPresent()))
                        .toList(),
                true);
    }

    /// Runs a reconciler once and counts how it ended.
    ///
    /// @return whether what is wanted was reached
    public boolean reconciled(String reconciler, BooleanSupplier run) {
        String outcome = "failed";
        try {
            boolean reached = run.getAsBoolean();
            outcome = reached ? "reached" : "incomplete";
            return reached;
        } finally {
            Counter.builder(RECONCILIATIONS)
                    .description("runs of a reconciler by how they ended")
                    .tag("reconciler", reconciler)
                    .tag("outcome", outcome)
                    .register(registry)
                    .increment();
        }
    }
}
