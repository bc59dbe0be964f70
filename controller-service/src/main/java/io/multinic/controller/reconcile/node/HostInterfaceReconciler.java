package io.multinic.controller.kubernetes;

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
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.metrics.ControllerMetrics;
import io.multinic.controller.node.HostNics;
import io.multinic.controller.status.StatusEvents.Severity;
import io.multinic.controller.status.StatusEvents.StatusEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the NICs of a node to ipam-service, together with the UID that makes it this node and no other.
///
/// A HostInterface whose Node is gone stands for a node that left: it is retired.
@ControllerConfiguration(name = "hostinterface")
public final class HostInterfaceReconciler implements Reconciler<HostInterface> {
    private static final Logger LOG = LoggerFactory.getLogger(HostInterfaceReconciler.class);

    private final KubernetesClient client;
    private final IpamClient ipam;
    private final NodeRetirement retirement;
    private final Events events;
    private final ControllerMetrics metrics;
    private final InstantSource clock;
    private final Backoff backoff;
    private final Duration resync;
    private final Again<HostInterface> again = new Again<>();

    public HostInterfaceReconciler(
            KubernetesClient client,
            IpamClient ipam,
            ControllerMetrics metrics,
            InstantSource clock,
            RetryPolicy retries) {
        this.client = client;
        this.ipam = ipam;
        this.retirement = new NodeRetirement(client, ipam);
        this.events = new Events(client, clock);
        this.metrics = metrics;
        this.clock = clock;
        this.backoff = new Backoff(retries.first(), retries.longest());
        this.resync = retries.resync();
    }

    @Override
    public List<EventSource<?, HostInterface>> prepareEventSources(EventSourceContext<HostInterface> context) {
        // A Node's updates are signs of life; a node that was replaced under its name is deleted and added.
        var nodes = InformerEventSourceConfiguration.from(Node.class, HostInterface.class)
                .withSecondaryToPrimaryMapper(
                        node -> Set.of(new ResourceID(node.getMetadata().getName())))
                .withItemStore(new NodeIdentities())
                .withOnUpdateFilter((now, before) ->
                        !now.getMetadata().getUid().equals(before.getMetadata().getUid()))
                .build();
        return List.of(new InformerEventSource<>(nodes, context), again.source(context));
    }

    /// Looks at every HostInterface, though nothing happened to any.
    public void lookAgain() {
        again.all();
    }

    @Override
    public UpdateControl<HostInterface> reconcile(HostInterface host, Context<HostInterface> context) {
        String name = host.getMetadata().getName();
        Instant start = clock.instant();
        Outcome outcome;
        try {
            var node = context.getSecondaryResource(Node.class).map(HostInterfaceReconciler::uid);
            outcome = node.isPresent() ? put(host, node.get()) : withoutNode(host);
        } catch (MultiNicException e) {
            outcome = failed(host, e);
        } catch (KubernetesClientException e) {
            LOG.atWarn()
                    .addKeyValue("node", name)
                    .addKeyValue("reason", ApiServerErrors.reason(e))
                    .log("API server cannot be asked, retrying");
            outcome = Outcome.UNAVAILABLE;
        }
        metrics.reconciled("hostinterface", outcome.tag, Duration.between(start, clock.instant()));
        return UpdateControl.<HostInterface>noUpdate().rescheduleAfter(delay(name, outcome));
    }

    private Outcome withoutNode(HostInterface host) {
        return switch (retirement.retireIfGone(host.getMetadata().getName())) {
            case PRESENT -> putUnseen(host);
            case UNKNOWN -> Outcome.NO_NODE;
            case RETIRED -> Outcome.RETIRED;
            case KEPT -> Outcome.KEPT;
        };
    }

    /// The cache has not seen the Node yet.
    private Outcome putUnseen(HostInterface host) {
        Node node = client.nodes().withName(host.getMetadata().getName()).get();
        return node == null ? Outcome.NO_NODE : put(host, uid(node));
    }

    private Outcome put(HostInterface host, String nodeUid) {
        String name = host.getMetadata().getName();
        var nics = HostNics.of(host.getSpec());
        for (String problem : nics.problems()) {
            events.publish(host, new StatusEvent(Severity.Warning, "UnreadableNic", problem));
        }
        var inventory = new NodeInventory(nodeUid, nics.nics());
        var known = ipam.node(name);
        boolean replaced = known.isPresent() && !known.get().nodeUid().equals(nodeUid);
        if (replaced && !isStill(name, nodeUid)) {
            return Outcome.UNAVAILABLE;
        }
        if (replaced || known.isEmpty() || !known.get().nics().equals(inventory.nics())) {
            ipam.putNode(name, inventory);
            LOG.atInfo()
                    .addKeyValue("node", name)
                    .addKeyValue("nodeUid", nodeUid)
                    .addKeyValue("nics", inventory.nics().size())
                    .log("inventory sent");
        }
        if (replaced) {
            // Kept as long as its addresses are in use; then NodeSweep finds it.
            retirement.retire(name, known.get().nodeUid());
        }
        return Outcome.IN_STEP;
    }

    /// Of two nodes of one name the API server says which one there is; the cache may be behind.
    private boolean isStill(String name, String nodeUid) {
        Node node = client.nodes().withName(name).get();
        return node != null && uid(node).equals(nodeUid);
    }

    private static String uid(Node node) {
        return node.getMetadata().getUid();
    }

    private Outcome failed(HostInterface host, MultiNicException e) {
        LOG.atWarn()
                .addKeyValue("node", host.getMetadata().getName())
                .addKeyValue("reason", e.getMessage())
                .log("inventory not sent, retrying");
        return switch (e.code().kind()) {
            case TRANSIENT, INTERNAL -> Outcome.UNAVAILABLE;
            case CALLER, CAPACITY -> {
                events.publish(host, new StatusEvent(Severity.Warning, "InventoryRefused", e.getMessage()));
                yield Outcome.REFUSED;
            }
        };
    }

    private Duration delay(String name, Outcome outcome) {
        return switch (outcome) {
            case UNAVAILABLE -> backoff.next(name);
            case IN_STEP, NO_NODE, KEPT, RETIRED, REFUSED -> {
                backoff.reset(name);
                yield resync;
            }
        };
    }

    private enum Outcome {
        IN_STEP("in_step"),
        NO_NODE("no_node"),
        RETIRED("retired"),
        KEPT("kept"),
        REFUSED("refused"),
        UNAVAILABLE("unavailable");

        private final String tag;

        Outcome(String tag) {
            this.tag = tag;
        }
    }
}
