package io.multinic.controller.reconcile.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.controller.decision.InventoryDecisions;
import io.multinic.controller.decision.InventoryDecisions.Outcome;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.kubernetes.ApiServerErrors;
import io.multinic.controller.kubernetes.EventPublisher;
import io.multinic.controller.kubernetes.ObjectBackoff;
import io.multinic.controller.kubernetes.ReconcileTrigger;
import io.multinic.controller.kubernetes.RequeuePolicy;
import io.multinic.controller.metrics.ControllerMetrics;
import io.multinic.controller.node.HostInventory;
import io.multinic.controller.status.StatusEvents.Severity;
import io.multinic.controller.status.StatusEvents.StatusEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the NICs of a node to ipam-service, together with the UID of its Node, which identifies the node.
///
/// A HostInterface whose Node is gone belongs to a node that left the cluster: that node is retired.
@ControllerConfiguration(name = "hostinterface")
public final class HostInterfaceReconciler implements Reconciler<HostInterface> {
    private static final Logger log = LoggerFactory.getLogger(HostInterfaceReconciler.class);

    private final KubernetesClient client;
    private final IpamClient ipam;
    private final NodeRemoval removal;
    private final EventPublisher events;
    private final ControllerMetrics metrics;
    private final InstantSource clock;
    private final ObjectBackoff backoff;
    private final RequeuePolicy requeue;
    private final ReconcileTrigger<HostInterface> trigger = new ReconcileTrigger<>();

    public HostInterfaceReconciler(
            KubernetesClient client,
            IpamClient ipam,
            ControllerMetrics metrics,
            InstantSource clock,
            RequeuePolicy requeue) {
        this.client = client;
        this.ipam = ipam;
        this.removal = new NodeRemoval(client, ipam);
        this.events = new EventPublisher(client, clock);
        this.metrics = metrics;
        this.clock = clock;
        this.backoff = new ObjectBackoff(requeue.first(), requeue.longest());
        this.requeue = requeue;
    }

    @Override
    public List<EventSource<?, HostInterface>> prepareEventSources(EventSourceContext<HostInterface> context) {
        // Updates of a Node are heartbeats; a node that is replaced under its name is deleted and added.
        var nodes = InformerEventSourceConfiguration.from(Node.class, HostInterface.class)
                .withSecondaryToPrimaryMapper(
                        node -> Set.of(new ResourceID(node.getMetadata().getName())))
                .withItemStore(new NodeIdentities())
                .withOnUpdateFilter((now, before) -> !uid(now).equals(uid(before)))
                .build();
        return List.of(new InformerEventSource<>(nodes, context), trigger.source(context));
    }

    /// Triggers the reconciliation of all HostInterfaces.
    public void reconcileAll() {
        trigger.reconcileAll();
    }

    @Override
    public UpdateControl<HostInterface> reconcile(HostInterface host, Context<HostInterface> context) {
        Instant start = clock.instant();
        Outcome outcome = outcome(host, context);
        metrics.reconciled("hostinterface", outcome.tag(), Duration.between(start, clock.instant()));
        return UpdateControl.<HostInterface>noUpdate()
                .rescheduleAfter(delay(host.getMetadata().getName(), outcome));
    }

    private Outcome outcome(HostInterface host, Context<HostInterface> context) {
        try {
            var node = context.getSecondaryResource(Node.class);
            return node.isPresent() ? put(host, uid(node.get())) : withoutNode(host);
        } catch (MultiNicException e) {
            return requestFailed(host, e);
        } catch (KubernetesClientException e) {
            log.atWarn()
                    .addKeyValue("node", host.getMetadata().getName())
                    .addKeyValue("reason", ApiServerErrors.reason(e))
                    .log("request to the API server failed, retrying");
            return Outcome.UNAVAILABLE;
        }
    }

    private Outcome withoutNode(HostInterface host) {
        return switch (removal.retireIfGone(host.getMetadata().getName())) {
            case PRESENT -> putWithNodeFromApiServer(host);
            case UNKNOWN -> Outcome.NO_NODE;
            case RETIRED -> Outcome.RETIRED;
            case KEPT -> Outcome.KEPT;
        };
    }

    /// The cache does not contain the Node yet.
    private Outcome putWithNodeFromApiServer(HostInterface host) {
        Node node = client.nodes().withName(host.getMetadata().getName()).get();
        return node == null ? Outcome.NO_NODE : put(host, uid(node));
    }

    private Outcome put(HostInterface host, String nodeUid) {
        String name = host.getMetadata().getName();
        var read = HostInventory.of(host.getSpec());
        for (String problem : read.problems()) {
            events.publish(host, new StatusEvent(Severity.Warning, "UnreadableNic", problem));
        }
        var inventory = new NodeInventory(nodeUid, read.nics());
        var known = ipam.node(name);
        switch (InventoryDecisions.difference(known, inventory)) {
            case NONE -> {}
            case INVENTORY -> putNode(name, inventory);
            case NODE_REPLACED -> {
                if (!isCurrent(name, nodeUid)) {
                    return Outcome.UNAVAILABLE;
                }
                putNode(name, inventory);
                // While its addresses are in use the replaced node stays; NodeSweep retires it later.
                removal.retire(name, known.orElseThrow().nodeUid());
            }
        }
        return Outcome.IN_STEP;
    }

    private void putNode(String name, NodeInventory inventory) {
        ipam.putNode(name, inventory);
        log.atInfo()
                .addKeyValue("node", name)
                .addKeyValue("nodeUid", inventory.nodeUid())
                .addKeyValue("nics", inventory.nics().size())
                .log("inventory sent");
    }

    /// Checks with the API server which of two Nodes of one name exists; the cache may be old.
    private boolean isCurrent(String name, String nodeUid) {
        Node node = client.nodes().withName(name).get();
        return node != null && uid(node).equals(nodeUid);
    }

    private static String uid(Node node) {
        return node.getMetadata().getUid();
    }

    private Outcome requestFailed(HostInterface host, MultiNicException e) {
        log.atWarn()
                .addKeyValue("node", host.getMetadata().getName())
                .addKeyValue("reason", e.getMessage())
                .log("inventory not sent, retrying");
        Outcome outcome = InventoryDecisions.requestFailed(e);
        if (outcome == Outcome.REFUSED) {
            events.publish(host, new StatusEvent(Severity.Warning, "InventoryRefused", e.getMessage()));
        }
        return outcome;
    }

    private Duration delay(String name, Outcome outcome) {
        return switch (InventoryDecisions.next(outcome)) {
            case RETRY -> backoff.next(name);
            case WAIT_FOR_HOSTS, RESYNC -> {
                backoff.reset(name);
                yield requeue.resync();
            }
        };
    }
}
