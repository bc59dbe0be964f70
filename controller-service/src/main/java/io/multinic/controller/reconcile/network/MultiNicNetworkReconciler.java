package io.multinic.controller.reconcile.network;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.controller.attachment.AttachmentDefinitionPlan;
import io.multinic.controller.decision.NetworkDecisions;
import io.multinic.controller.decision.NextReconciliation;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.kubernetes.ApiServerErrors;
import io.multinic.controller.kubernetes.EventPublisher;
import io.multinic.controller.kubernetes.ObjectBackoff;
import io.multinic.controller.kubernetes.ReconcileTrigger;
import io.multinic.controller.kubernetes.RequeuePolicy;
import io.multinic.controller.metrics.ControllerMetrics;
import io.multinic.controller.network.NetworkDefinitions;
import io.multinic.controller.network.NetworkReading;
import io.multinic.controller.status.AttachmentReport;
import io.multinic.controller.status.NetworkStatuses;
import io.multinic.controller.status.NetworkStatuses.Observation;
import io.multinic.controller.status.Planning;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reconciles a MultiNicNetwork: its plan at ipam-service, its NetworkAttachmentDefinitions and its status.
///
/// Every reconciliation runs all steps: read the specification, plan, attach, observe, write the status. Networks are
/// independent of each other. Attachments follow a specification only while it is in force; if one is refused, those of
/// the earlier one stay as they are.
@ControllerConfiguration(name = "multinicnetwork", finalizerName = MultiNicNetworkReconciler.FINALIZER)
public final class MultiNicNetworkReconciler implements Reconciler<MultiNicNetwork>, Cleaner<MultiNicNetwork> {
    static final String FINALIZER = "multinic.fms.io/network";

    private static final Logger log = LoggerFactory.getLogger(MultiNicNetworkReconciler.class);

    private final KubernetesClient client;
    private final PlanStep planStep;
    private final NetworkAttachmentStore attachments;
    private final NetworkStatusStore statuses;
    private final NetworkDeletion deletion;
    private final ControllerMetrics metrics;
    private final InstantSource clock;
    private final ObjectBackoff backoff;
    private final RequeuePolicy requeue;
    private final ReconcileTrigger<MultiNicNetwork> trigger = new ReconcileTrigger<>();

    public MultiNicNetworkReconciler(
            KubernetesClient client,
            IpamClient ipam,
            ControllerMetrics metrics,
            InstantSource clock,
            RequeuePolicy requeue) {
        this.client = client;
        this.planStep = new PlanStep(ipam);
        this.attachments = new NetworkAttachmentStore(client);
        this.statuses = new NetworkStatusStore(client, new EventPublisher(client, clock));
        this.deletion = new NetworkDeletion(client, ipam, attachments, statuses, clock);
        this.metrics = metrics;
        this.clock = clock;
        this.backoff = new ObjectBackoff(requeue.first(), requeue.longest());
        this.requeue = requeue;
    }

    @Override
    public List<EventSource<?, MultiNicNetwork>> prepareEventSources(EventSourceContext<MultiNicNetwork> context) {
        return Stream.concat(NetworkCaches.eventSources(context).stream(), Stream.of(trigger.source(context)))
                .toList();
    }

    /// Triggers the reconciliation of all networks.
    public void reconcileAll() {
        trigger.reconcileAll();
    }

    @Override
    public UpdateControl<MultiNicNetwork> reconcile(MultiNicNetwork cached, Context<MultiNicNetwork> context) {
        try {
            return reconcileCurrent(cached, context);
        } catch (KubernetesClientException e) {
            return UpdateControl.<MultiNicNetwork>noUpdate().rescheduleAfter(retryLater(cached, e));
        }
    }

    private UpdateControl<MultiNicNetwork> reconcileCurrent(MultiNicNetwork cached, Context<MultiNicNetwork> context) {
        Instant start = clock.instant();
        // From the API server: the cache may not contain the last status, and Events follow from its changes.
        MultiNicNetwork network = client.resources(MultiNicNetwork.class)
                .withName(cached.getMetadata().getName())
                .get();
        if (network == null || network.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        String name = network.getMetadata().getName();
        NetworkReading reading = NetworkDefinitions.from(name, network.getSpec());
        Planning planning = planStep.plan(name, reading);
        AttachmentReport attached = attach(network, reading, planning, context);
        Observation observation = observe(network, planning, attached, context);
        var status = NetworkStatuses.next(network.getStatus(), observation, clock.instant());
        boolean written = statuses.write(network, status);
        metrics.reconciled("network", NetworkDecisions.outcome(planning), Duration.between(start, clock.instant()));
        return UpdateControl.<MultiNicNetwork>noUpdate()
                .rescheduleAfter(written ? delay(name, planning, attached, status) : requeue.first());
    }

    /// Makes the attachments follow the specification, if it is in force.
    private AttachmentReport attach(
            MultiNicNetwork network, NetworkReading reading, Planning planning, Context<MultiNicNetwork> context) {
        var config = reading.attachmentConfig();
        var metadata = network.getMetadata();
        if (config.isEmpty() || !NetworkDecisions.inForce(planning, network.getStatus(), metadata.getGeneration())) {
            return AttachmentReport.COMPLETE;
        }
        var existing = NetworkCaches.attachments(metadata.getName(), context).stream()
                .map(attachment -> NetworkAttachmentStore.describe(attachment, network, config.get()))
                .toList();
        var plan = AttachmentDefinitionPlan.of(
                network.getSpec().namespaces(), NetworkCaches.activeNamespaces(context), existing);
        return attachments.apply(plan, network, config.get());
    }

    private static Observation observe(
            MultiNicNetwork network, Planning planning, AttachmentReport attached, Context<MultiNicNetwork> context) {
        return new Observation(
                network.getMetadata().getName(),
                network.getMetadata().getGeneration(),
                planning,
                attached,
                NetworkCaches.hosts(context));
    }

    private Duration delay(String name, Planning planning, AttachmentReport attached, MultiNicNetworkStatus status) {
        NextReconciliation next = NetworkDecisions.next(planning, attached, status);
        if (next == NextReconciliation.RETRY) {
            return backoff.next(name);
        }
        backoff.reset(name);
        return next == NextReconciliation.RESYNC ? requeue.resync() : requeue.waiting();
    }

    @Override
    public DeleteControl cleanup(MultiNicNetwork network, Context<MultiNicNetwork> context) {
        String name = network.getMetadata().getName();
        try {
            if (!deletion.delete(network)) {
                return DeleteControl.noFinalizerRemoval().rescheduleAfter(backoff.next(name));
            }
        } catch (KubernetesClientException e) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(retryLater(network, e));
        }
        backoff.reset(name);
        return DeleteControl.defaultDelete();
    }

    /// Changes that were made stay; the next reconciliation makes the missing ones.
    private Duration retryLater(MultiNicNetwork network, KubernetesClientException e) {
        String name = network.getMetadata().getName();
        log.atWarn()
                .addKeyValue("network", name)
                .addKeyValue("reason", ApiServerErrors.reason(e))
                .log("request to the API server failed, retrying");
        return backoff.next(name);
    }
}
