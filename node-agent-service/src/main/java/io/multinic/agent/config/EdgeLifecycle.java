package io.multinic.agent.config;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.Subscription;
import io.multinic.agent.ledger.LedgerUplink;
import io.multinic.agent.metrics.EdgeMetrics;
import io.multinic.agent.nic.HostInterfacePublisher;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.plan.PlanFollower;
import io.multinic.agent.reconcile.ReconcileLoop;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.contract.crd.HostInterface;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Starts what watches the node's surroundings, and wires who wakes whom: the kernel's events wake NICs and
/// routes, a new plan or other NICs wake routes, and what came of it is told as the HostInterface.
///
/// Started before the CNI socket: the NICs are known when the first pod comes.
final class EdgeLifecycle implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(EdgeLifecycle.class);

    private final Kernel kernel;
    private final Parts parts;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final ReconcileLoop nicLoop;
    private final ReconcileLoop routeLoop;
    private final ReconcileLoop hostInterfaceLoop;

    /// What is started.
    record Parts(
            NodeIdentity identity,
            PlanFollower plans,
            LedgerUplink uplink,
            KernelNics nics,
            RouteReconciler routes,
            HostInterfacePublisher hostInterface,
            EdgeMetrics metrics) {}

    /// How soon each of the loops answers.
    record Paces(ReconcileLoop.Pace nics, ReconcileLoop.Pace routes, ReconcileLoop.Pace hostInterface) {}

    EdgeLifecycle(Kernel kernel, Parts parts, Paces paces) {
        this.kernel = kernel;
        this.parts = parts;
        this.nicLoop = loop("nics", paces.nics(), () -> {
            parts.nics().refresh();
            return true;
        });
        this.routeLoop = loop(
                "routes",
                paces.routes(),
                () -> parts.routes().reconcile().map(HostRoutesState::complete).orElse(true));
        this.hostInterfaceLoop = loop(
                "host-interface",
                paces.hostInterface(),
                () -> parts.hostInterface().reconcile());
        parts.plans().onChange(_ -> routeLoop.wake());
        parts.nics().onChange(routeLoop::wake);
        parts.nics().onChange(hostInterfaceLoop::wake);
        parts.routes().onChange(_ -> hostInterfaceLoop.wake());
        parts.routes().onChange(parts.metrics()::routes);
        parts.identity().onDoubt(hostInterfaceLoop::wake);
    }

    private ReconcileLoop loop(String name, ReconcileLoop.Pace pace, ReconcileLoop.Reconciler reconciler) {
        return new ReconcileLoop(name, pace, () -> parts.metrics().reconciled(name, reconciler::reconcile));
    }

    private void told(KernelEvent event) {
        if (parts.nics().concerns(event)) {
            nicLoop.wake();
        }
        if (parts.routes().concerns(event)) {
            routeLoop.wake();
        }
    }

    @Override
    public synchronized void start() {
        NetworkNamespace own = kernel.ownNamespace();
        running.push(own);
        // Subscribed first and looked at afterwards: nothing in between goes unnoticed.
        Subscription events = kernel.subscribe(own, EnumSet.allOf(EventGroup.class), this::told);
        running.push(events);
        parts.nics().refresh();
        SharedIndexInformer<HostInterface> informer = parts.hostInterface().watch(hostInterfaceLoop::wake);
        running.push(informer::stop);
        start(hostInterfaceLoop::start, hostInterfaceLoop);
        start(parts.uplink()::start, parts.uplink());
        start(parts.plans()::start, parts.plans());
        start(nicLoop::start, nicLoop);
        start(routeLoop::start, routeLoop);
    }

    private void start(Runnable starter, AutoCloseable started) {
        starter.run();
        running.push(started);
    }

    @Override
    public synchronized void stop() {
        while (!running.isEmpty()) {
            AutoCloseable part = running.pop();
            try {
                part.close();
            } catch (Exception e) {
                log.atWarn().addKeyValue("reason", e).log("a part of the agent does not stop; the others do");
            }
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return !running.isEmpty();
    }

    @Override
    public int getPhase() {
        return 0;
    }
}
