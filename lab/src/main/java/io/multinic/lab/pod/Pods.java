package io.multinic.lab.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.pod.LabPod.Attached;
import io.multinic.lab.process.LabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/// Creates and deletes pods, in place of kubelet, container runtime and Multus: the Pod object, its sandbox, and a call
/// of
/// the CNI plugin for each network.
public final class Pods {
    private static final String NETWORKS = "k8s.v1.cni.cncf.io/networks";
    private static final String STATUS = "k8s.v1.cni.cncf.io/network-status";

    /// The annotation with the sandbox id, so that a later process can delete the pod.
    private static final String SANDBOX = "lab.multinic.fms.io/sandbox";

    private static final ResourceDefinitionContext DEFINITION = new ResourceDefinitionContext.Builder()
            .withGroup("k8s.cni.cncf.io")
            .withVersion("v1")
            .withKind("NetworkAttachmentDefinition")
            .withPlural("network-attachment-definitions")
            .withNamespaced(true)
            .build();

    private final KubernetesClient kubernetes;
    private final Function<LabNode, CniRuntime> runtimes;
    private final Random random = new Random();

    public Pods(KubernetesClient kubernetes, Function<LabNode, CniRuntime> runtimes) {
        this.kubernetes = kubernetes;
        this.runtimes = runtimes;
    }

    /// Creates a pod on `node` with `networks` as its annotation, and attaches these networks.
    ///
    /// @throws LabException with the CNI error, if an ADD failed; the pod is deleted in that case
    public LabPod create(LabNode node, String namespace, String name, String networks) {
        LabPod bare = sandbox(node, namespace, name, networks);
        var attached = new ArrayList<Attached>();
        for (Attachment attachment : attachments(bare, networks)) {
            CniAnswer answer = runtimes.apply(node).add(attachment);
            attached.add(new Attached(attachment, answer));
            if (!answer.ok()) {
                delete(with(bare, attached));
                throw new LabException(bare + ": CNI error " + answer.code() + ": " + answer.message());
            }
        }
        LabPod pod = with(bare, attached);
        writeStatus(pod);
        return pod;
    }

    /// Creates the Pod object and the network namespace without calling a plugin.
    public LabPod sandbox(LabNode node, String namespace, String name, String networks) {
        var sandbox = new PodSandbox(PodSandbox.newId(random), "pod-" + namespace + "-" + name);
        Pod object = kubernetes
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .addToAnnotations(NETWORKS, networks)
                        .addToAnnotations(SANDBOX, sandbox.containerId())
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node.name())
                        .addNewContainer()
                        .withName("main")
                        .withImage("none")
                        .endContainer()
                        .endSpec()
                        .withNewStatus()
                        .withPhase("Pending")
                        .endStatus()
                        .build())
                .create();
        sandbox.create();
        return new LabPod(namespace, name, object.getMetadata().getUid(), node, sandbox, List.of());
    }

    /// Finds a pod that `create` made, possibly in another process. Its attachments have no results.
    public LabPod find(LabLayout layout, String namespace, String name) {
        Pod object = kubernetes.pods().inNamespace(namespace).withName(name).get();
        if (object == null) {
            throw new LabException("no pod " + namespace + "/" + name);
        }
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        var pod = new LabPod(
                namespace,
                name,
                object.getMetadata().getUid(),
                layout.node(object.getSpec().getNodeName()),
                new PodSandbox(annotations.getOrDefault(SANDBOX, ""), "pod-" + namespace + "-" + name),
                List.of());
        return with(
                pod,
                attachments(pod, annotations.getOrDefault(NETWORKS, "")).stream()
                        .map(attachment -> new Attached(attachment, new CniAnswer(0, "{}")))
                        .toList());
    }

    /// The attachments of the pod as Multus passes them to the plugin, one for each selected network.
    public List<Attachment> attachments(LabPod pod, String networks) {
        return NetworkSelection.parse(networks, pod.namespace()).stream()
                .map(selection -> new Attachment(
                        pod.sandbox(),
                        pod.namespace(),
                        pod.name(),
                        pod.uid(),
                        selection.ifName(),
                        CniRuntime.merged(config(selection.namespace(), selection.name()), selection)))
                .toList();
    }

    /// The configuration in a NetworkAttachmentDefinition.
    ///
    /// @throws LabException if the definition does not exist
    public String config(String namespace, String name) {
        GenericKubernetesResource definition = kubernetes
                .genericKubernetesResources(DEFINITION)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (definition == null) {
            throw new LabException("no NetworkAttachmentDefinition " + namespace + "/" + name);
        }
        JsonNode json = Serialization.unmarshal(Serialization.asJson(definition), JsonNode.class);
        return json.path("spec").path("config").asText();
    }

    /// Deletes a pod in kubelet's order: DEL for each attachment, then the sandbox, then the object.
    public void delete(LabPod pod) {
        for (Attached one : pod.attached().reversed()) {
            runtimes.apply(pod.node()).delete(one.attachment()).orThrow();
        }
        pod.sandbox().delete();
        kubernetes.pods().inNamespace(pod.namespace()).withName(pod.name()).delete();
    }

    private static LabPod with(LabPod pod, List<Attached> attached) {
        return new LabPod(pod.namespace(), pod.name(), pod.uid(), pod.node(), pod.sandbox(), attached);
    }

    private void writeStatus(LabPod pod) {
        ArrayNode status = JsonNodeFactory.instance.arrayNode();
        for (Attached one : pod.attached()) {
            String network = Serialization.unmarshal(one.attachment().config(), JsonNode.class)
                    .path("name")
                    .asText();
            for (CniAnswer.Interface nic : one.result().interfaces()) {
                ObjectNode entry = status.addObject()
                        .put("name", pod.namespace() + "/" + network)
                        .put("interface", nic.name())
                        .put("mac", nic.mac());
                ArrayNode ips = entry.putArray("ips");
                nic.addresses().forEach(address -> ips.add(address.address().toString()));
                entry.putObject("dns");
            }
        }
        kubernetes
                .pods()
                .inNamespace(pod.namespace())
                .withName(pod.name())
                .edit(object -> new PodBuilder(object)
                        .editMetadata()
                        .addToAnnotations(STATUS, status.toPrettyString())
                        .endMetadata()
                        .editStatus()
                        .withPhase("Running")
                        .endStatus()
                        .build());
    }
}
