package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.controller.attachment.AttachmentChange;
import io.multinic.controller.attachment.AttachmentPlan;
import io.multinic.controller.attachment.ExistingAttachment;
import io.multinic.controller.status.AttachmentReport;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The NetworkAttachmentDefinitions of a network, as they are and as a plan wants them.
final class NetworkAttachmentStore {
    static final String LABEL = "multi-nic-cni-generated";

    private static final Logger LOG = LoggerFactory.getLogger(NetworkAttachmentStore.class);

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
        return new ExistingAttachment(
                attachment.getMetadata().getNamespace(), labelled || owned, labelled && owned && same);
    }

    /// Removes all that are ours, by the API server's own list: when the network is gone nobody looks for leftovers.
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
        return apply(AttachmentPlan.removeAll(existing), network, "");
    }

    /// Does every change that can be done; one that fails costs only itself.
    AttachmentReport apply(AttachmentPlan plan, MultiNicNetwork network, String config) {
        String name = network.getMetadata().getName();
        var problems = new ArrayList<String>();
        plan.blocked()
                .forEach(namespace -> problems.add("namespace " + namespace + " has a NetworkAttachmentDefinition "
                        + name + " that is not ours; rename it or the network"));
        for (AttachmentChange change : plan.changes()) {
            try {
                apply(change, network, config);
                LOG.atInfo()
                        .addKeyValue("network", name)
                        .addKeyValue("namespace", change.namespace())
                        .addKeyValue("change", change.getClass().getSimpleName())
                        .log("network attachment changed");
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    problems.add("namespace " + change.namespace() + ": " + e.getMessage());
                }
                // A conflict means that the cache was old; what made it old brings the next reconciliation.
            }
        }
        return new AttachmentReport(problems);
    }

    private void apply(AttachmentChange change, MultiNicNetwork network, String config) {
        var attachments = client.resources(NetworkAttachmentDefinition.class).inNamespace(change.namespace());
        String name = network.getMetadata().getName();
        switch (change) {
            case AttachmentChange.Create create ->
                attachments
                        .resource(created(create.namespace(), network, config))
                        .create();
            case AttachmentChange.Restore _ ->
                attachments.withName(name).edit(attachment -> restored(attachment, network, config));
            case AttachmentChange.Remove _ -> attachments.withName(name).delete();
        }
    }

    private static NetworkAttachmentDefinition created(String namespace, MultiNicNetwork network, String config) {
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

    private static NetworkAttachmentDefinition restored(
            NetworkAttachmentDefinition attachment, MultiNicNetwork network, String config) {
        var labels = new HashMap<>(labels(attachment));
        labels.put(LABEL, "true");
        attachment.getMetadata().setLabels(labels);
        attachment.getMetadata().setOwnerReferences(List.of(owner(network)));
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
