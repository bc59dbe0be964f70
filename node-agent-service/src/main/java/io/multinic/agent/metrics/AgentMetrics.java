package io.multinic.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.multinic.agent.attach.reconcile.AttachmentReconciler;
import io.multinic.agent.garbage.GarbageCollector;
import io.multinic.agent.kernel.SkippedMessages;
import io.multinic.agent.ledger.LedgerUplink;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.agent.route.plan.HostRoutesState.NetworkState;
import io.multinic.contract.wire.NodePlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// The metrics of the node agent. Tags are few and bounded: never an address, a pod or a container.
public final class AgentMetrics {
    private static final String CNI_CALL = "multi_nic_agent_cni_call";
    private static final String PLAN_REVISION = "multi_nic_agent_plan_revision";
    private static final String LEDGER_PENDING = "multi_nic_agent_ledger_pending_events";
    private static final String LEDGER_LAG = "multi_nic_agent_ledger_lag_seconds";
    private static final String ROUTES_WANTED = "multi_nic_agent_routes_wanted";
    private static final String ROUTES_PRESENT = "multi_nic_agent_routes_present";
    private static final String RECONCILIATIONS = "multi_nic_agent_reconciliations";
    private static final String KERNEL_SKIPPED = "multi_nic_agent_kernel_skipped";
    private static final String GARBAGE_SUSPECTS = "multi_nic_agent_garbage_suspects";
    private static final String GARBAGE_OLDEST = "multi_nic_agent_garbage_oldest_suspect";
    private static final String GARBAGE_HELD = "multi_nic_agent_garbage_held";
    private static final String GARBAGE_RECLAIMED = "multi_nic_agent_garbage_reclaimed";
    private static final String ATTACHMENTS = "multi_nic_agent_attachments";
    private static final String ATTACHMENTS_BROKEN = "multi_nic_agent_attachments_broken";
    private static final String ATTACHMENT_REPAIRS = "multi_nic_agent_attachment_repairs";

    private final MeterRegistry registry;
    private final MultiGauge routesWanted;
    private final MultiGauge routesPresent;
    private volatile GarbageCollector.Status garbage = GarbageCollector.Status.NONE;

    public AgentMetrics(MeterRegistry registry) {
        this.registry = registry;
        routesWanted = MultiGauge.builder(ROUTES_WANTED)
                .description("host routes that follow from the plan")
                .register(registry);
        routesPresent = MultiGauge.builder(ROUTES_PRESENT)
                .description("of these, host routes seen in the kernel")
                .register(registry);
    }

    /// Registers the gauges of the plan.
    public void watchPlan(CurrentPlan plans) {
        Gauge.builder(PLAN_REVISION, plans, AgentMetrics::revision)
                .description("revision of the plan in use, 0 without one")
                .register(registry);
    }

    private static double revision(@Nullable CurrentPlan plans) {
        return plans == null ? 0 : plans.plan().map(NodePlan::revision).orElse(0L);
    }

    /// Registers the counters of kernel messages that could not be read.
    public void watchKernel(SkippedMessages skipped) {
        for (SkippedMessages.Kind kind : SkippedMessages.Kind.values()) {
            FunctionCounter.builder(KERNEL_SKIPPED, skipped, messages -> messages.count(kind))
                    .description("messages of the kernel that were skipped because they are not understood")
                    .tag("object", kind.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    /// Registers the gauges of the delivery to the ledger.
    public void watchLedger(LedgerUplink uplink, InstantSource clock) {
        Gauge.builder(LEDGER_PENDING, uplink, up -> up.status().pending())
                .description("events that the ledger does not have")
                .register(registry);
        Gauge.builder(LEDGER_LAG, uplink, up -> seconds(up.status().oldest(), clock))
                .description("age of the oldest event that the ledger does not have")
                .baseUnit("seconds")
                .register(registry);
    }

    /// Registers the meters of garbage collection; [#garbage] sets their values.
    public void watchGarbage(InstantSource clock) {
        Gauge.builder(GARBAGE_SUSPECTS, this, metrics -> metrics.garbage.suspects())
                .description("attachments without sandbox and pod that no DEL has come for yet")
                .register(registry);
        Gauge.builder(GARBAGE_OLDEST, this, metrics -> seconds(metrics.garbage.oldest(), clock))
                .description("how long the oldest suspect is one")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder(GARBAGE_HELD, this, metrics -> metrics.garbage.held())
                .description("attachments from the ledger without pod whose addresses a network namespace has")
                .register(registry);
        FunctionCounter.builder(GARBAGE_RECLAIMED, this, metrics -> metrics.garbage.reclaimed())
                .description("attachments that were detached without a DEL")
                .register(registry);
    }

    private static double seconds(Optional<Instant> since, InstantSource clock) {
        return since.map(start ->
                        Math.max(0, Duration.between(start, clock.instant()).toMillis() / 1000.0))
                .orElse(0.0);
    }

    /// Registers the meters of the attachments' state.
    public void watchAttachments(AttachmentReconciler reconciler) {
        Gauge.builder(ATTACHMENTS, reconciler, each -> each.state().attachments())
                .description("complete attachments")
                .register(registry);
        Gauge.builder(
                        ATTACHMENTS_BROKEN,
                        reconciler,
                        each -> each.state().broken().size())
                .description("of these, attachments that deviate from their records and could not be restored")
                .register(registry);
        FunctionCounter.builder(
                        ATTACHMENT_REPAIRS, reconciler, each -> each.state().repairs())
                .description("attachments that were restored")
                .register(registry);
    }

    /// Sets the result of the last garbage collection.
    public void garbage(GarbageCollector.Status status) {
        garbage = status;
    }

    /// Sets the routes of each network. The series of a deleted network are removed.
    public void routes(HostRoutesState state) {
        routesWanted.register(rows(state, NetworkState::routesWanted), true);
        routesPresent.register(rows(state, NetworkState::routesPresent), true);
    }

    private static List<MultiGauge.Row<?>> rows(HostRoutesState state, ToIntFunction<NetworkState> count) {
        return state.networks().stream()
                .<MultiGauge.Row<?>>map(
                        network -> MultiGauge.Row.of(Tags.of("network", network.network()), count.applyAsInt(network)))
                .toList();
    }

    /// Records a CNI call with its duration and outcome: `ok` or the name of an error code.
    public void cniCall(String command, String outcome, Duration duration) {
        String known = command.matches("ADD|DEL|CHECK|GC|STATUS|VERSION") ? command : "other";
        Timer.builder(CNI_CALL)
                .description("CNI calls by command and outcome")
                .tag("command", known)
                .tag("outcome", outcome)
                .publishPercentiles(0.5, 0.95, 0.99)
                .register(registry)
                .record(duration);
    }

    /// Runs a reconciler once and counts the run by its outcome.
    ///
    /// @return whether the desired state was reached
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
