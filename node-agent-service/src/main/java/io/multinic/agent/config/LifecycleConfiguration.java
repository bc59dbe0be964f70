package io.multinic.agent.config;

import io.multinic.agent.attach.AttachmentQueues;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.reconcile.AttachmentReconciler;
import io.multinic.agent.attach.reconcile.ForwardingReconciler;
import io.multinic.agent.config.AgentLifecycle.Part;
import io.multinic.agent.garbage.GarbageCollector;
import io.multinic.agent.garbage.JournalRetention;
import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.install.BinaryInstaller;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.ledger.LedgerUplink;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.DeviceClassInformer;
import io.multinic.agent.nic.HostInterfacePublisher;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.plan.PlanFollower;
import io.multinic.agent.reconcile.ReconcileLoop;
import io.multinic.agent.reconcile.ReconcileLoop.Pace;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.plan.HostRoutesState;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The reconcile loops, the changes that wake them, and the order in which all parts start and stop.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ReconcileProperties.class, GarbageProperties.class})
class LifecycleConfiguration {
    private static final Duration ROUTE_SETTLE = Duration.ofMillis(20);
    private static final Duration ATTACHMENT_SETTLE = Duration.ofMillis(200);
    private static final Duration FORWARDING_SETTLE = Duration.ofMillis(500);
    private static final Duration HOST_INTERFACE_SETTLE = Duration.ofMillis(100);

    private final AgentMetrics metrics;
    private final ReconcileProperties properties;

    LifecycleConfiguration(AgentMetrics metrics, ReconcileProperties properties) {
        this.metrics = metrics;
        this.properties = properties;
    }

    private ReconcileLoop loop(String name, Duration settle, Duration resync, ReconcileLoop.Reconciler reconciler) {
        return new ReconcileLoop(
                name,
                new Pace(settle, resync, properties.backoff()),
                () -> metrics.reconciled(name, reconciler::reconcile));
    }

    @Bean
    ReconcileLoops reconcileLoops(
            KernelNics nics,
            AttachmentService service,
            RouteReconciler routes,
            HostInterfacePublisher hostInterface,
            AttachmentReconciler attachments,
            ForwardingReconciler forwarding,
            @Nullable BinaryInstaller installer,
            GarbageCollector garbage,
            GarbageProperties garbageProperties) {
        Duration resync = properties.resync();
        return new ReconcileLoops(
                loop("nics", properties.nicSettle(), resync, () -> {
                    try {
                        service.restoreNics();
                    } finally {
                        nics.refresh();
                    }
                    return true;
                }),
                loop(
                        "routes",
                        ROUTE_SETTLE,
                        resync,
                        () -> routes.reconcile().map(HostRoutesState::complete).orElse(true)),
                loop("host-interface", HOST_INTERFACE_SETTLE, resync, hostInterface::reconcile),
                installer == null ? null : loop("cni-binary", Duration.ZERO, resync, installer::reconcile),
                loop("attachments", ATTACHMENT_SETTLE, properties.attachmentRecheck(), attachments::reconcile),
                loop("forwarding", FORWARDING_SETTLE, properties.attachmentRecheck(), forwarding::reconcile),
                loop("garbage", Duration.ZERO, garbageProperties.garbageInterval(), () -> {
                    garbage.run();
                    return true;
                }));
    }

    /// Start order. The kernel's events are subscribed before the first discovery of NICs, so that no change is missed
    /// in between; NICs are known before the CNI socket opens; the CNI binary, which calls the socket, is installed
    /// after it. Parts stop in reverse order.
    @Bean
    AgentLifecycle agentLifecycle(
            Kernel kernel,
            KernelNics nics,
            RouteReconciler routes,
            HostInterfacePublisher hostInterface,
            DeviceClassInformer deviceClasses,
            NodeIdentity identity,
            LedgerUplink uplink,
            PlanFollower plans,
            JournalRetention retention,
            CniServer cni,
            AttachmentService attachments,
            AttachmentQueues queues,
            AttachmentReconciler attachmentReconciler,
            ForwardingReconciler forwarding,
            AgentRemoval removal,
            ReconcileLoops loops) {
        plans.onChange(_ -> loops.routes().wake());
        nics.onChange(loops.routes()::wake);
        nics.onChange(loops.hostInterface()::wake);
        routes.onChange(_ -> loops.hostInterface().wake());
        routes.onChange(metrics::routes);
        routes.onChange(state -> uplink.planApplied(state.revision()));
        attachments.onAttached(_ -> loops.attachments().wake());
        attachments.onAttached(_ -> loops.forwarding().wake());
        forwarding.onChange(loops.hostInterface()::wake);
        attachmentReconciler.onChange(_ -> loops.hostInterface().wake());
        identity.onRecheck(loops.hostInterface()::wake);
        ReconcileLoop binary = loops.binary();
        if (binary != null) {
            plans.onChange(_ -> binary.wake());
        }
        return new AgentLifecycle(List.of(
                new Part("removal", () -> removal::removeRest),
                new Part("kernel events", () -> {
                    var own = kernel.ownNamespace();
                    var events = kernel.subscribe(own, EnumSet.allOf(EventGroup.class), event -> {
                        wake(loops.nics(), nics.concerns(event));
                        wake(loops.routes(), routes.concerns(event));
                    });
                    return () -> {
                        events.close();
                        own.close();
                    };
                }),
                new Part("activity of namespaces", () -> {
                    var own = kernel.ownNamespace();
                    var events = kernel.watch(
                            own, activity -> wake(loops.attachments(), attachmentReconciler.observed(activity)));
                    return () -> {
                        events.close();
                        own.close();
                    };
                }),
                new Part("NIC discovery", () -> {
                    nics.refresh();
                    return () -> {};
                }),
                new Part("HostInterface watch", () -> hostInterface.watch(loops.hostInterface()::wake)::stop),
                Part.of("DeviceClass informer", deviceClasses::start, deviceClasses),
                Part.of("host-interface loop", loops.hostInterface()::start, loops.hostInterface()),
                Part.of("ledger uplink", uplink::start, uplink),
                Part.of("plan follower", plans::start, plans),
                Part.of("nics loop", loops.nics()::start, loops.nics()),
                Part.of("routes loop", loops.routes()::start, loops.routes()),
                Part.of("journal retention", retention::start, retention),
                Part.of("work on attachments", () -> {}, queues),
                new Part("CNI socket", cni::open),
                Part.of("attachments loop", loops.attachments()::start, loops.attachments()),
                Part.of("forwarding loop", loops.forwarding()::start, loops.forwarding()),
                new Part("binary removal", () -> removal::removeBinaryIfDaemonSetIsGone),
                binary == null ? Part.none() : Part.of("cni-binary loop", binary::start, binary),
                Part.of("garbage loop", loops.garbage()::start, loops.garbage())));
    }

    private static void wake(ReconcileLoop loop, boolean concerned) {
        if (concerned) {
            loop.wake();
        }
    }
}
