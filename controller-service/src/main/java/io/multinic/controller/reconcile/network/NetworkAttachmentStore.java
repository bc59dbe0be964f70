package io.multinic.controller.reconcile.network;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.controller.attachment.AttachmentChange;
import io.multinic.controller.attachment.AttachmentDefinitionPlan;
import io.multinic.controller.attachment.ExistingAttachment;
import io.multinic.controller.kubernetes.ApiServerErrors;
import io.multinic.controller.kubernetes.ControllerIdentity;
import io.multinic.controller.status.AttachmentReport;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Reads and changes the NetworkAttachmentDefinitions of a network.
final class NetworkAttachmentStore {
    static final String LABEL = "multi-nic-cni-generated";

    /// Cause in the API server's answer if an object is created in a namespace that is being deleted.
    private static final String NAMESPACE_TERMINATING = "NamespaceTerminating";

    private static final Logger log = LoggerFactory.getLogger(NetworkAttachmentStore.class);

    private final KubernetesClient client;

    NetworkAttachmentStore(KubernetesClient client) {
        this.client = client;
    }

    static ExistingAttachment describe(
            NetworkAttachmentDefinition attachment, MultiNicNetwork network, @Nullable String config) {
        boolean labelled = "true".equals(labels(attachment).get(LABEL));
        boolean owned = attachment.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner ->
                        Objects.equals(owner.getUid(), network.getMetadata().getUid()));
        boolean same = config != null
                && attachment.getSpec() != null
                && sameJson(config, attachment.getSpec().config());
        var metadata = attachment.getMetadata();
        return new ExistingAttachment(
                metadata.getNamespace(),
                metadata.getUid(),
                metadata.getResourceVersion(),
                labelled || owned,
                labelled && owned && same);
    }

    /// Deletes all that are ours, by the API server's own list: after the network is gone, nothing finds leftovers.
    AttachmentReport removeAll(MultiNicNetwork network) {
        String name = network.getMetadata().getName();
        var existing = client
                .resources(NetworkAttachmentDefinition.class)
                .inAnyNamespace()
                .withLabel(LABEL, "true")
                .list()
                .getItems()
                .stream()
                .filter(attachment -> attachment.getMetadata().getName().equals(name))
                .map(attachment -> describe(attachment, network, null))
                .toList();
        return apply(AttachmentDefinitionPlan.removeAll(existing), network, "");
    }

    /// Applies the changes of a plan; one that fails does not affect the others.
    AttachmentReport apply(AttachmentDefinitionPlan plan, MultiNicNetwork network, String config) {
        String name = network.getMetadata().getName();
        var problems = new ArrayList<String>();
        plan.blocked()
                .forEach(namespace -> problems.add("namespace " + namespace + " has a NetworkAttachmentDefinition "
                        + name + " that is not ours; rename it or the network"));
        for (AttachmentChange change : plan.changes()) {
            try {
                apply(change, network, config);
                log.atInfo()
                        .addKeyValue("network", name)
                        .addKeyValue("namespace", change.namespace())
                        .addKeyValue("change", change.getClass().getSimpleName())
                        .log("network attachment changed");
            } catch (KubernetesClientException e) {
                if (!isStale(e)) {
                    problems.add("namespace " + change.namespace() + ": " + ApiServerErrors.reason(e));
                }
            }
        }
        return new AttachmentReport(problems);
    }

    /// True if the change was computed from an old cache: the object or the namespace has changed or is gone. The event
    /// of that change triggers the next reconciliation.
    private static boolean isStale(KubernetesClientException e) {
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_CONFLICT, HttpURLConnection.HTTP_NOT_FOUND -> true;
            case HttpURLConnection.HTTP_FORBIDDEN ->
                Optional.ofNullable(e.getStatus()).map(Status::getDetails).map(StatusDetails::getCauses).stream()
                        .flatMap(List::stream)
                        .anyMatch(cause -> NAMESPACE_TERMINATING.equals(cause.getReason()));
            default -> false;
        };
    }

    /// Creates with a plain POST, because an apply would take over an object that was created meanwhile by somebody
    /// else. Restore and remove name the UID or resourceVersion of the object that the plan was computed from.
    private void apply(AttachmentChange change, MultiNicNetwork network, String config) {
        var attachments = client.resources(NetworkAttachmentDefinition.class).inNamespace(change.namespace());
        var wanted = wanted(change.namespace(), network, config);
        switch (change) {
            case AttachmentChange.Create _ -> attachments.resource(wanted).create();
            case AttachmentChange.Restore(ExistingAttachment found) -> {
                wanted.getMetadata().setUid(found.uid());
                wanted.getMetadata().setResourceVersion(found.resourceVersion());
                attachments
                        .resource(wanted)
                        .fieldManager(ControllerIdentity.NAME)
                        .forceConflicts()
                        .serverSideApply();
            }
            case AttachmentChange.Remove(ExistingAttachment found) ->
                attachments
                        .withName(network.getMetadata().getName())
                        .lockResourceVersion(found.resourceVersion())
                        .delete();
        }
    }

    private static NetworkAttachmentDefinition wanted(String namespace, MultiNicNetwork network, String config) {
        var attachment = new NetworkAttachmentDefinition();
        attachment.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(network.getMetadata().getName())
                .addToLabels(LABEL, "true")
                .withOwnerReferences(owner(network))
                .build());
        attachment.setSpec(new NetworkAttachmentDefinition.Spec(config));
        return attachment;
    }

    private static OwnerReference owner(MultiNicNetwork network) {
        return new OwnerReferenceBuilder()
                .withApiVersion(network.getApiVersion())
                .withKind(network.getKind())
                .withName(network.getMetadata().getName())
                .withUid(network.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }

    private static Map<String, String> labels(NetworkAttachmentDefinition attachment) {
        var labels = attachment.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static boolean sameJson(String wanted, @Nullable String found) {
        if (wanted.equals(found)) {
            return true;
        }
        try {
            return found != null
                    && JsonMapper.shared()
                            .readTree(wanted)
                            .equals(JsonMapper.shared().readTree(found));
        } catch (JacksonException e) {
            return false;
        }
    }
}
