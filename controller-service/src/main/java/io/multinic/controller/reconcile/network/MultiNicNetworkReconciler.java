package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.attachment.AttachmentPlan;
import io.multinic.controller.attachment.ExistingAttachment;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.metrics.ControllerMetrics;
import io.multinic.controller.network.NetworkDefinitions;
import io.multinic.controller.network.NetworkReading;
import io.multinic.controller.status.AttachmentReport;
import io.multinic.controller.status.HostReport;
import io.multinic.controller.status.NetworkStatuses;
import io.multinic.controller.status.NetworkStatuses.Observation;
import io.multinic.controller.status.Planning;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one MultiNicNetwork to ipam-service and into the namespaces, and says how far it is.
///
/// Every reconciliation does all of it: read the specification, put it to ipam-service, put the attachments right, sum
/// up the status. Networks never wait for each other. Attachments follow only a specification that is in force; while
/// one is refused, those of the earlier one stay as they are.
@ControllerConfiguration(name = "multinicnetwork", finalizerName = MultiNicNetworkReconciler.FINALIZER)
public final class MultiNicNetworkReconciler implements Reconciler<MultiNicNetwork>, Cleaner<MultiNicNetwork> {
    static final String FINALIZER = "multinic.fms.io/network";

    /// A network with this annotation, set to true, goes without ipam-service having released it. ipam-service keeps
    /// what it has: addresses stay held, and a new network of the name finds its old plan.
    static final String ABANDON_ANNOTATION = "multinic.fms.io/abandon";

    private static final Logger LOG = LoggerFactory.getLogger(MultiNicNetworkReconciler.class);
    private static final String ACTIVE = "Active";

    private final KubernetesClient client;
    private final IpamClient ipam;
    private final NetworkAttachmentStore attachments;
    private final NetworkStatusStore statuses;
    private final ControllerMetrics metrics;
    private final InstantSource clock;
    private final Backoff backoff;
    private final RetryPolicy retries;
    private final Again<MultiNicNetwork> again = new Again<>();

    public MultiNicNetworkReconciler(
            KubernetesClient client,
            IpamClient ipam,
            ControllerMetrics metrics,
            InstantSource clock,
            RetryPolicy retries) {
        this.client = client;
        this.ipam = ipam;
        this.attachments = new NetworkAttachmentStore(client);
        this.statuses = new NetworkStatusStore(client, new Events(client, clock));
        this.metrics = metrics;
        this.clock = clock;
        this.backoff = new Backoff(retries.first(), retries.longest());
        this.retries = retries;
    }

    @Override
    public List<EventSource<?, MultiNicNetwork>> prepareEventSources(EventSourceContext<MultiNicNetwork> context) {
        var hosts = InformerEventSourceConfiguration.from(HostInterface.class, MultiNicNetwork.class)
                .withSecondaryToPrimaryMapper(host -> allNetworks(context))
                .withPrimaryToSecondaryMapper(network -> Set.of())
                .withOnUpdateFilter(HostReports::differ)
                .build();
        var namespaces = InformerEventSourceConfiguration.from(Namespace.class, MultiNicNetwork.class)
                .withSecondaryToPrimaryMapper(namespace -> allNetworks(context))
                .withPrimaryToSecondaryMapper(network -> Set.of())
                .withOnUpdateFilter((now, before) -> isActive(now) != isActive(before))
                .build();
        var definitions = InformerEventSourceConfiguration.from(
                        NetworkAttachmentDefinition.class, MultiNicNetwork.class)
                .withSecondaryToPrimaryMapper(attachment ->
                        Set.of(new ResourceID(attachment.getMetadata().getName())))
                .withPrimaryToSecondaryMapper(network -> Set.of())
                .build();
        return List.of(
                new InformerEventSource<>(hosts, context),
                new InformerEventSource<>(namespaces, context),
                new InformerEventSource<>(definitions, context),
                again.source(context));
    }

    /// Looks at every network, though nothing happened to any.
    public void lookAgain() {
        again.all();
    }

    private static Set<ResourceID> allNetworks(EventSourceContext<MultiNicNetwork> context) {
        return context.getPrimaryCache().keys().collect(Collectors.toSet());
    }

    @Override
    public UpdateControl<MultiNicNetwork> reconcile(MultiNicNetwork cached, Context<MultiNicNetwork> context) {
        try {
            return bring(cached, context);
        } catch (KubernetesClientException e) {
            return UpdateControl.<MultiNicNetwork>noUpdate().rescheduleAfter(unasked(cached, e));
        }
    }

    /// What was done stays done; the next try does what is missing.
    private Duration unasked(MultiNicNetwork network, KubernetesClientException e) {
        String name = network.getMetadata().getName();
        LOG.atWarn()
                .addKeyValue("network", name)
                .addKeyValue("reason", ApiServerErrors.reason(e))
                .log("API server cannot be asked, retrying");
        return backoff.next(name);
    }

    private UpdateControl<MultiNicNetwork> bring(MultiNicNetwork cached, Context<MultiNicNetwork> context) {
        Instant start = clock.instant();
        // The cache may not have seen the last status yet; what is told to users follows from the one that stands.
        MultiNicNetwork network = client.resources(MultiNicNetwork.class)
                .withName(cached.getMetadata().getName())
                .get();
        if (network == null || network.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        NetworkReading reading = NetworkDefinitions.from(network.getMetadata().getName(), network.getSpec());
        Planning planning = plan(network, reading);
        AttachmentReport attached = attach(network, reading, planning, context);
        var status = NetworkStatuses.next(
                network.getStatus(), observe(network, planning, attached, context), clock.instant());
        boolean written = statuses.write(network, status);
        metrics.reconciled("network", outcome(planning), Duration.between(start, clock.instant()));
        return UpdateControl.<MultiNicNetwork>noUpdate()
                .rescheduleAfter(
                        written
                                ? delay(network, planning, attached, NetworkStatuses.isSettled(status))
                                : retries.first());
    }

    /// Puts the specification to ipam-service, unless it has it already.
    private Planning plan(MultiNicNetwork network, NetworkReading reading) {
        String name = network.getMetadata().getName();
        try {
            return switch (reading) {
                case NetworkReading.Planned planned -> {
                    var known = ipam.network(name);
                    if (known.isPresent() && known.get().network().equals(planned.definition())) {
                        yield new Planning.Accepted(known.get());
                    }
                    yield put(planned, Planning.Running.of(known));
                }
                case NetworkReading.Delegated _ -> {
                    ipam.deleteNetwork(name);
                    yield new Planning.Delegated();
                }
                case NetworkReading.Refused refused ->
                    new Planning.Refused(
                            Planning.Cause.InvalidSpec, refused.reason(), Planning.Running.of(ipam.network(name)));
            };
        } catch (MultiNicException e) {
            return failed(name, reading, e);
        }
    }

    private Planning put(NetworkReading.Planned planned, Planning.Running before) {
        try {
            return new Planning.Accepted(ipam.putNetwork(planned.definition()));
        } catch (MultiNicException e) {
            return switch (e.code().kind()) {
                case CALLER, CAPACITY -> new Planning.Refused(Planning.Cause.RefusedByIpam, e.getMessage(), before);
                case TRANSIENT, INTERNAL -> new Planning.Unavailable(e.getMessage());
            };
        }
    }

    private Planning failed(String name, NetworkReading reading, MultiNicException e) {
        LOG.atWarn()
                .addKeyValue("network", name)
                .addKeyValue("reason", e.getMessage())
                .log("ipam-service cannot be asked, retrying");
        return switch (reading) {
            case NetworkReading.Planned _ -> new Planning.Unavailable(e.getMessage());
            // It needs no plan of ipam-service; an old one is removed later.
            case NetworkReading.Delegated _ ->
                e.code() == ErrorCode.IN_USE
                        ? new Planning.Refused(
                                Planning.Cause.RefusedByIpam, e.getMessage(), new Planning.Running.NotKnown())
                        : new Planning.Delegated();
            case NetworkReading.Refused refused ->
                new Planning.Refused(Planning.Cause.InvalidSpec, refused.reason(), new Planning.Running.NotKnown());
        };
    }

    private AttachmentReport attach(
            MultiNicNetwork network, NetworkReading reading, Planning planning, Context<MultiNicNetwork> context) {
        String config = switch (reading) {
            case NetworkReading.Planned planned -> planned.attachmentConfig();
            case NetworkReading.Delegated delegated -> delegated.attachmentConfig();
            case NetworkReading.Refused _ -> null;
        };
        if (config == null || !inForce(network, planning)) {
            return AttachmentReport.COMPLETE;
        }
        var namespaces = all(Namespace.class, context)
                .filter(MultiNicNetworkReconciler::isActive)
                .map(namespace -> namespace.getMetadata().getName())
                .toList();
        var plan = AttachmentPlan.of(network.getSpec().namespaces(), namespaces, existing(network, config, context));
        return attachments.apply(plan, network, config);
    }

    private static boolean inForce(MultiNicNetwork network, Planning planning) {
        return switch (planning) {
            case Planning.Accepted _, Planning.Delegated _ -> true;
            case Planning.Refused _ -> false;
            case Planning.Unavailable _ ->
                NetworkStatuses.wasAccepted(
                        network.getStatus(), network.getMetadata().getGeneration());
        };
    }

    private static Collection<ExistingAttachment> existing(
            MultiNicNetwork network, String config, Context<MultiNicNetwork> context) {
        return all(NetworkAttachmentDefinition.class, context)
                .filter(attachment -> attachment
                        .getMetadata()
                        .getName()
                        .equals(network.getMetadata().getName()))
                .map(attachment -> NetworkAttachmentStore.describe(attachment, network, config))
                .toList();
    }

    private static Observation observe(
            MultiNicNetwork network, Planning planning, AttachmentReport attached, Context<MultiNicNetwork> context) {
        return new Observation(
                network.getMetadata().getName(),
                network.getMetadata().getGeneration(),
                planning,
                attached,
                all(HostInterface.class, context)
                        .filter(host -> !host.isMarkedForDeletion())
                        .map(HostReports::of)
                        // The cache has no order; the status must not change with it.
                        .sorted(Comparator.comparing(HostReport::node))
                        .toList());
    }

    private Duration delay(MultiNicNetwork network, Planning planning, AttachmentReport attached, boolean settled) {
        String name = network.getMetadata().getName();
        boolean retry = !attached.problems().isEmpty()
                || switch (planning) {
                    case Planning.Unavailable _ -> true;
                    case Planning.Refused refused -> refused.cause() == Planning.Cause.RefusedByIpam;
                    case Planning.Accepted _, Planning.Delegated _ -> false;
                };
        if (retry) {
            return backoff.next(name);
        }
        backoff.reset(name);
        return settled ? retries.resync() : retries.waiting();
    }

    @Override
    public DeleteControl cleanup(MultiNicNetwork cached, Context<MultiNicNetwork> context) {
        try {
            return remove(cached);
        } catch (KubernetesClientException e) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(unasked(cached, e));
        }
    }

    private DeleteControl remove(MultiNicNetwork cached) {
        String name = cached.getMetadata().getName();
        // First, so that no further pod joins; those that run are let go by what the node recorded of them.
        AttachmentReport removed = attachments.removeAll(cached);
        if (!removed.problems().isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("network", name)
                    .addKeyValue("problems", removed.problems())
                    .log("network attachments not removed, retrying");
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(backoff.next(name));
        }
        try {
            ipam.deleteNetwork(name);
        } catch (MultiNicException e) {
            if (!isAbandoned(cached)) {
                return blocked(name, e);
            }
            LOG.atWarn()
                    .addKeyValue("network", name)
                    .addKeyValue("reason", e.getMessage())
                    .log("network abandoned: ipam-service keeps its plan");
        }
        backoff.reset(name);
        LOG.atInfo().addKeyValue("network", name).log("network deleted");
        return DeleteControl.defaultDelete();
    }

    private DeleteControl blocked(String name, MultiNicException e) {
        MultiNicNetwork network =
                client.resources(MultiNicNetwork.class).withName(name).get();
        if (network != null) {
            statuses.write(
                    network,
                    NetworkStatuses.deletionBlocked(
                            network.getStatus(),
                            network.getMetadata().getGeneration(),
                            e.code() == ErrorCode.IN_USE,
                            e.getMessage(),
                            clock.instant()));
        }
        return DeleteControl.noFinalizerRemoval().rescheduleAfter(backoff.next(name));
    }

    private static boolean isAbandoned(MultiNicNetwork network) {
        var annotations = network.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(ABANDON_ANNOTATION));
    }

    private static boolean isActive(Namespace namespace) {
        return !namespace.isMarkedForDeletion()
                && (namespace.getStatus() == null
                        || namespace.getStatus().getPhase() == null
                        || ACTIVE.equals(namespace.getStatus().getPhase()));
    }

    private static String outcome(Planning planning) {
        return switch (planning) {
            case Planning.Accepted _ -> "accepted";
            case Planning.Delegated _ -> "delegated";
            case Planning.Refused _ -> "refused";
            case Planning.Unavailable _ -> "unavailable";
        };
    }

    @SuppressWarnings("unchecked") // the event sources above are all informers
    private static <R extends HasMetadata> Stream<R> all(Class<R> type, Context<MultiNicNetwork> context) {
        var informer = (InformerEventSource<R, MultiNicNetwork>)
                context.eventSourceRetriever().getEventSourceFor(type);
        return informer.list(any -> true);
    }
}
