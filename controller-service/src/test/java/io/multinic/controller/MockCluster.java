package io.multinic.controller;

import static java.net.HttpURLConnection.HTTP_CONFLICT;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.crd.HostInterfaceStatus;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.PluginSpec;
import io.multinic.controller.reconcile.network.NetworkAttachmentDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Fake API server over HTTP that stores objects and notifies watchers, with the actions of users, kubelets and agents.
public final class MockCluster implements AutoCloseable {
    static final String IPAM = "{\"type\":\"multi-nic-ipam\",\"hostBlock\":8,\"interfaceBlock\":2,\"vlanMode\":\"l3\"}";

    private final ApplyingDispatcher api;
    private final KubernetesMockServer server;
    private final KubernetesClient client;

    public MockCluster() {
        api = new ApplyingDispatcher(List.of(
                CustomResourceDefinitionContext.fromCustomResourceType(MultiNicNetwork.class),
                CustomResourceDefinitionContext.fromCustomResourceType(HostInterface.class),
                CustomResourceDefinitionContext.fromCustomResourceType(NetworkAttachmentDefinition.class)));
        server = new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), api, false);
        server.init();
        client = server.createClient();
    }

    String url() {
        return server.url("/");
    }

    public KubernetesClient client() {
        return client;
    }

    /// Answers requests for this path with an error; an empty path ends it.
    public void refuse(String path) {
        api.refuse(path);
    }

    void namespace(String name) {
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withMetadata(named(name))
                        .withNewStatus()
                        .withPhase("Active")
                        .endStatus()
                        .build())
                .create();
    }

    public String node(String name) {
        return client.nodes()
                .resource(new NodeBuilder().withMetadata(named(name)).build())
                .create()
                .getMetadata()
                .getUid();
    }

    public void hostInterface(String node, String... addresses) {
        var host = new HostInterface();
        host.setMetadata(named(node));
        var nics = new HostNic[addresses.length];
        for (int i = 0; i < nics.length; i++) {
            nics[i] = new HostNic(
                    "eth" + (i + 1),
                    null,
                    null,
                    null,
                    null,
                    null,
                    List.of(addresses[i]),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
        host.setSpec(new HostInterfaceSpec(node, List.of(nics)));
        client.resource(host).create();
    }

    void agentReports(String node, long revision, String network, int wanted, int present, String message) {
        client.resources(HostInterface.class).withName(node).editStatus(host -> {
            host.setStatus(new HostInterfaceStatus(
                    revision, List.of(new NetworkObservation(network, 1, wanted, present, message)), null));
            return host;
        });
    }

    void network(String name, UnaryOperator<MultiNicNetworkSpec> change) {
        var network = new MultiNicNetwork();
        network.setMetadata(named(name));
        network.setSpec(change.apply(sample()));
        client.resource(network).create();
    }

    void edit(String network, UnaryOperator<MultiNicNetworkSpec> change) {
        edit(client.resources(MultiNicNetwork.class).withName(network), found -> {
            found.setSpec(change.apply(found.getSpec()));
            return found;
        });
    }

    /// Edits an object as a user does: again if the controller has written it between reading and writing.
    static <T extends HasMetadata> void edit(Resource<T> resource, UnaryOperator<T> change) {
        await().ignoreExceptionsMatching(failure ->
                        failure instanceof KubernetesClientException refused && refused.getCode() == HTTP_CONFLICT)
                .untilAsserted(() -> resource.edit(change));
    }

    void delete(String network) {
        client.resources(MultiNicNetwork.class).withName(network).delete();
    }

    Optional<MultiNicNetwork> find(String network) {
        return Optional.ofNullable(
                client.resources(MultiNicNetwork.class).withName(network).get());
    }

    Optional<MultiNicNetworkStatus> status(String network) {
        return find(network).map(MultiNicNetwork::getStatus);
    }

    @Nullable
    NetworkAttachmentDefinition attachment(String namespace, String network) {
        return client.resources(NetworkAttachmentDefinition.class)
                .inNamespace(namespace)
                .withName(network)
                .get();
    }

    List<Event> events(String about) {
        return client.v1().events().inAnyNamespace().list().getItems().stream()
                .filter(event -> about.equals(event.getInvolvedObject().getName()))
                .toList();
    }

    static MultiNicNetworkSpec sample() {
        return spec("192.168.0.0/16", List.of("10.0.1.0/24"), IPAM, List.of());
    }

    static MultiNicNetworkSpec spec(String subnet, List<String> masterNets, String ipam, List<String> namespaces) {
        var plugin = new PluginSpec("0.3.0", "ipvlan", Map.of(), null, Map.of("mode", "l3"));
        return new MultiNicNetworkSpec(
                subnet, masterNets, ipam, ipam.contains("multi-nic-ipam"), plugin, null, namespaces);
    }

    static ObjectMeta named(String name) {
        return new ObjectMetaBuilder().withName(name).build();
    }

    @Override
    public void close() {
        client.close();
        server.destroy();
    }
}
