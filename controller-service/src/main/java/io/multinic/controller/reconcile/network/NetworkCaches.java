package io.multinic.controller.reconcile.network;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.controller.status.HostReport;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Informer caches of the objects that a MultiNicNetwork depends on: HostInterfaces, Namespaces and
/// NetworkAttachmentDefinitions. A relevant change of one triggers the reconciliation of the networks concerned.
final class NetworkCaches {
    private static final String ACTIVE = "Active";

    private NetworkCaches() {}

    static List<EventSource<?, MultiNicNetwork>> eventSources(EventSourceContext<MultiNicNetwork> context) {
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
                new InformerEventSource<>(definitions, context));
    }

    private static Set<ResourceID> allNetworks(EventSourceContext<MultiNicNetwork> context) {
        return context.getPrimaryCache().keys().collect(Collectors.toSet());
    }

    /// The reports of all hosts, ordered by node: the cache has no order, and the status must not change with it.
    static List<HostReport> hosts(Context<MultiNicNetwork> context) {
        return all(HostInterface.class, context)
                .filter(host -> !host.isMarkedForDeletion())
                .map(HostReports::of)
                .sorted(Comparator.comparing(HostReport::node))
                .toList();
    }

    static List<String> activeNamespaces(Context<MultiNicNetwork> context) {
        return all(Namespace.class, context)
                .filter(NetworkCaches::isActive)
                .map(namespace -> namespace.getMetadata().getName())
                .toList();
    }

    /// The NetworkAttachmentDefinitions with this name, in all namespaces.
    static List<NetworkAttachmentDefinition> attachments(String name, Context<MultiNicNetwork> context) {
        return all(NetworkAttachmentDefinition.class, context)
                .filter(attachment -> attachment.getMetadata().getName().equals(name))
                .toList();
    }

    private static boolean isActive(Namespace namespace) {
        return !namespace.isMarkedForDeletion()
                && (namespace.getStatus() == null
                        || namespace.getStatus().getPhase() == null
                        || ACTIVE.equals(namespace.getStatus().getPhase()));
    }

    @SuppressWarnings("unchecked") // the event sources above are all informers
    private static <R extends HasMetadata> Stream<R> all(Class<R> type, Context<MultiNicNetwork> context) {
        var informer = (InformerEventSource<R, MultiNicNetwork>)
                context.eventSourceRetriever().getEventSourceFor(type);
        return informer.list(any -> true);
    }
}
