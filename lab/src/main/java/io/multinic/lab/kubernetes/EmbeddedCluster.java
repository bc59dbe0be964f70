package io.multinic.lab.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.LabException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The embedded API as a cluster: clients for it, and the objects of a new cluster (CRDs, namespaces, nodes).
public final class EmbeddedCluster {
    /// The namespaces of a new cluster.
    public static final List<String> NAMESPACES = List.of("default", "team-a");

    private static final List<String> DEFINITIONS = List.of(
            "META-INF/fabric8/multinicnetworks.multinic.fms.io-v1.yml",
            "META-INF/fabric8/hostinterfaces.multinic.fms.io-v1.yml",
            "META-INF/fabric8/deviceclasses.multinic.fms.io-v1.yml",
            "network-attachment-definitions.yaml");

    private EmbeddedCluster() {}

    public static KubernetesClient connect(URI url) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
                        .withMasterUrl(url.toString())
                        .withNamespace("default")
                        .build())
                .build();
    }

    public static void writeKubeconfig(URI url, Path file) {
        String text = """
            apiVersion: v1
            kind: Config
            current-context: lab
            clusters: [{name: lab, cluster: {server: "%s"}}]
            users: [{name: lab, user: {}}]
            contexts: [{name: lab, context: {cluster: lab, user: lab, namespace: default}}]
            """.formatted(url);
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new LabException("cannot write " + file, e);
        }
    }

    /// Creates the objects of a new cluster.
    public static void fill(KubernetesClient kubernetes, LabLayout layout) {
        for (String definition : DEFINITIONS) {
            try (InputStream yaml = EmbeddedCluster.class.getClassLoader().getResourceAsStream(definition)) {
                if (yaml == null) {
                    throw new LabException("the contract's jar has no " + definition);
                }
                create(kubernetes, kubernetes.load(yaml).items());
            } catch (IOException e) {
                throw new LabException("cannot read " + definition, e);
            }
        }
        for (String namespace : NAMESPACES) {
            kubernetes.resource(namespace(namespace)).create();
        }
        layout.nodes().forEach(node -> kubernetes.resource(node(node)).create());
    }

    private static void create(KubernetesClient kubernetes, List<HasMetadata> items) {
        items.forEach(item -> kubernetes.resource(item).create());
    }

    /// A namespace with phase Active, as an API server creates it.
    public static HasMetadata namespace(String name) {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("kubernetes.io/metadata.name", name)
                .endMetadata()
                .withNewStatus()
                .withPhase("Active")
                .endStatus()
                .build();
    }

    /// A registered node that is Ready.
    public static Node node(LabNode node) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(node.name())
                .addToLabels("kubernetes.io/hostname", node.name())
                .endMetadata()
                .withNewStatus()
                .addNewAddress(node.management().address().address().toString(), "InternalIP")
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }
}
