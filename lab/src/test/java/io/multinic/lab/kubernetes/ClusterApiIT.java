package io.multinic.lab.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.lab.layout.LabLayout;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The embedded API over HTTP, with requests of kubectl and of fabric8's client.
class ClusterApiIT {
    private static final int PORT = 16443;
    private static final URI URL = URI.create("http://127.0.0.1:" + PORT);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init")
    private static KubernetesClient kubernetes;

    @BeforeAll
    static void start() {
        ApiServer.run("127.0.0.1", PORT);
        kubernetes = EmbeddedCluster.connect(URL);
        EmbeddedCluster.fill(kubernetes, LabLayout.of(2, 2));
    }

    @Test
    void discoveryListsTheResourcesOfEachDefinition() {
        assertThat(get("/apis", "").findValuesAsText("groupVersion"))
                .contains("multinic.fms.io/v1", "k8s.cni.cncf.io/v1");
        assertThat(get("/apis/multinic.fms.io/v1", "").at("/resources").findValuesAsText("name"))
                .containsExactlyInAnyOrder("multinicnetworks", "hostinterfaces", "deviceclasses");
        assertThat(get("/api/v1", "").at("/resources").findValuesAsText("name")).contains("pods", "nodes");
    }

    @Test
    void tableHasTheColumnsOfTheDefinition() {
        create("table");
        JsonNode table =
                get("/apis/multinic.fms.io/v1/multinicnetworks", "application/json;as=Table;v=v1;g=meta.k8s.io");
        assertThat(table.path("kind").asText()).isEqualTo("Table");
        assertThat(table.path("columnDefinitions").findValuesAsText("name")).contains("Name", "Subnet", "Plugin");
        assertThat(table.path("rows").toString()).contains("\"192.168.0.0/16\"", "\"ptp\"");
    }

    @Test
    void applyCreatesAMissingObjectAndKeepsFieldsOfOtherWriters() {
        var network = network("applied");
        apply(network);
        kubernetes.resources(MultiNicNetwork.class).withName("applied").edit(found -> {
            found.getMetadata().setAnnotations(Map.of("theirs", "kept"));
            return found;
        });
        network.getMetadata().setLabels(Map.of("ours", "too"));
        apply(network);
        MultiNicNetwork applied =
                kubernetes.resources(MultiNicNetwork.class).withName("applied").get();
        assertThat(applied.getMetadata().getAnnotations()).containsEntry("theirs", "kept");
        assertThat(applied.getMetadata().getLabels()).containsEntry("ours", "too");
        assertThat(applied.getSpec()).isEqualTo(network.getSpec());
    }

    private static void apply(MultiNicNetwork network) {
        kubernetes.resource(network).fieldManager("test").forceConflicts().serverSideApply();
    }

    @Test
    void mergePatchReplacesListsAndRemovesNulls() {
        MultiNicNetwork network = create("patched");
        kubernetes
                .resources(MultiNicNetwork.class)
                .withName("patched")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                    {"spec":{"masterNets":["10.0.3.0/24"],"subnet":null}}
                    """);
        MultiNicNetwork patched =
                kubernetes.resources(MultiNicNetwork.class).withName("patched").get();
        assertThat(patched.getSpec().masterNets()).isEqualTo(List.of("10.0.3.0/24"));
        assertThat(patched.getSpec().subnet()).isNull();
        assertThat(patched.getMetadata().getGeneration())
                .isEqualTo(network.getMetadata().getGeneration() + 1);
    }

    @Test
    void staleUpdateIsAConflict() {
        Pod first = kubernetes.resource(pod("stale", "node1")).create();
        kubernetes
                .resource(new PodBuilder(first)
                        .editMetadata()
                        .addToLabels("a", "1")
                        .endMetadata()
                        .build())
                .update();
        Pod late = new PodBuilder(first)
                .editMetadata()
                .addToLabels("a", "2")
                .endMetadata()
                .build();
        assertThatThrownBy(() -> kubernetes
                        .resource(late)
                        .lockResourceVersion(first.getMetadata().getResourceVersion())
                        .update())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
    }

    @Test
    void fieldSelectorSelectsPodsByNode() {
        kubernetes.resource(pod("on-1", "node1")).create();
        kubernetes.resource(pod("on-2", "node2")).create();
        assertThat(kubernetes
                        .pods()
                        .inNamespace("default")
                        .withField("spec.nodeName", "node2")
                        .list()
                        .getItems())
                .extracting(pod -> pod.getMetadata().getName())
                .contains("on-2")
                .doesNotContain("on-1");
    }

    @Test
    void watchReportsObjectsCreatedLater() throws InterruptedException {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (Watch watch = kubernetes.resources(MultiNicNetwork.class).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, MultiNicNetwork network) {
                if (network.getMetadata().getName().equals("watched")) {
                    seen.add(action.name());
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed");
            }
        })) {
            create("watched");
            assertThat(watch).isNotNull();
            assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo("ADDED");
        }
    }

    @Test
    void errorForAMissingObjectNamesIt() {
        assertThat(get("/api/v1/namespaces/default/pods/nothing", "")
                        .path("message")
                        .asText())
                .contains("/pods/nothing not found");
    }

    private static MultiNicNetwork create(String name) {
        return kubernetes.resource(network(name)).create();
    }

    private static MultiNicNetwork network(String name) {
        String yaml = """
            apiVersion: multinic.fms.io/v1
            kind: MultiNicNetwork
            metadata: {name: %s}
            spec:
              subnet: 192.168.0.0/16
              ipam: '{"type":"multi-nic-ipam"}'
              multiNICIPAM: true
              plugin: {type: ptp}
              masterNets: [10.0.1.0/24, 10.0.2.0/24]
            """.formatted(name);
        return Serialization.unmarshal(yaml, MultiNicNetwork.class);
    }

    private static Pod pod(String name, String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .build();
    }

    private static JsonNode get(String path, String accept) {
        try {
            var request = HttpRequest.newBuilder(URL.resolve(path)).header("Accept", accept.isEmpty() ? "*/*" : accept);
            return Serialization.unmarshal(
                    HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString())
                            .body(),
                    JsonNode.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
