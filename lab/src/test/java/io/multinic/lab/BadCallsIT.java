package io.multinic.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.CniRuntime;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.pod.LabPod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Calls with bad input through the real binary: a clear CNI error, and nothing changed.
class BadCallsIT {
    private static final int TEN_MB = 10_000_000;

    private final Lab lab = SharedLab.get();
    private final LabNode node = lab.layout().nodes().getFirst();
    private final CniRuntime runtime = lab.runtime(node);

    @SuppressWarnings("NullAway.Init")
    private LabPod pod;

    @SuppressWarnings("NullAway.Init")
    private Attachment attachment;

    @SuppressWarnings("NullAway.Init")
    private NodeState nodeBefore;

    @SuppressWarnings("NullAway.Init")
    private NodeState podBefore;

    /// What is wrong with the input, the error code, and what the message must name.
    record Bad(String what, UnaryOperator<String> config, Map<String, String> environment, int code, String names) {
        Bad(String what, UnaryOperator<String> config, int code, String names) {
            this(what, config, Map.of(), code, names);
        }

        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Bad> badInput() {
        return Stream.of(
                new Bad("not JSON", config -> "not JSON", 6, "JSON"),
                new Bad("half a JSON", config -> config.substring(0, config.length() / 2), 6, "JSON"),
                new Bad("empty", config -> "", 6, ""),
                new Bad("10 MB", config -> " ".repeat(TEN_MB) + config, 6, ""),
                new Bad(
                        "no plugin.type",
                        config -> with(config, root -> object(root, "plugin").remove("type")),
                        7,
                        "plugin.type"),
                new Bad(
                        "unknown master",
                        config -> with(
                                config,
                                root -> root.withObject("/args/cni")
                                        .putArray("masters")
                                        .add("eth9")),
                        101,
                        "eth9"),
                new Bad(
                        "more nics than exist",
                        config -> with(
                                config, root -> root.withObject("/args/cni").put("nics", 7)),
                        102,
                        "7"),
                new Bad(
                        "nics that is no number",
                        config -> with(
                                config, root -> root.withObject("/args/cni").put("nics", "many")),
                        7,
                        "nics"),
                new Bad(
                        "unknown network",
                        config -> with(config, root -> root.put("name", "no-such-network")),
                        100,
                        "no-such-network"),
                new Bad(
                        "netns that does not exist",
                        config -> config,
                        Map.of("CNI_NETNS", "/run/netns/nowhere"),
                        106,
                        "/run/netns/nowhere"),
                new Bad(
                        "netns that is no namespace",
                        config -> config,
                        Map.of("CNI_NETNS", "/etc/hostname"),
                        106,
                        "/etc/hostname"),
                new Bad("no container id", config -> config, Map.of("CNI_CONTAINERID", ""), 4, "CNI_CONTAINERID"),
                new Bad("no ifname", config -> config, Map.of("CNI_IFNAME", ""), 4, "CNI_IFNAME"),
                new Bad("unknown verb", config -> config, Map.of("CNI_COMMAND", "FROBNICATE"), 4, "FROBNICATE"),
                new Bad(
                        "unsupported cniVersion",
                        config -> with(config, root -> root.put("cniVersion", "9.9.9")),
                        1,
                        "9.9.9"));
    }

    @BeforeEach
    void sandbox() {
        pod = lab.pods().sandbox(node, "default", "bad", SharedLab.SAMPLE);
        attachment = lab.pods().attachments(pod, SharedLab.SAMPLE).getFirst();
        nodeBefore = NodeState.of(node);
        podBefore = NodeState.of(pod.sandbox());
    }

    @AfterEach
    void delete() {
        pod.sandbox().delete();
        lab.kubernetes().pods().inNamespace("default").withName(pod.name()).delete();
    }

    @ParameterizedTest
    @MethodSource("badInput")
    void addIsRefusedWithAClearErrorAndChangesNothing(Bad bad) {
        int intervals = lab.ipamApi().audit(SharedLab.SAMPLE).size();
        var environment = new LinkedHashMap<>(runtime.environment("ADD", attachment));
        environment.putAll(bad.environment());

        CniAnswer answer = runtime.call(environment, bad.config().apply(attachment.config()));

        assertThat(answer.code()).as(answer.text()).isEqualTo(bad.code());
        assertThat(answer.message()).contains(bad.names());
        assertThat(answer.json().path("cniVersion").asText()).isNotEmpty();
        nothingChanged();
        assertThat(lab.ipamApi().audit(SharedLab.SAMPLE)).hasSize(intervals);
    }

    private void nothingChanged() {
        assertThat(NodeState.of(node)).isEqualTo(nodeBefore);
        assertThat(NodeState.of(pod.sandbox())).isEqualTo(podBefore);
    }

    @Test
    void addWithTheAgentDownIsToBeTriedAgainLater() {
        lab.agent(node).kill();
        try {
            CniAnswer answer = runtime.add(attachment);
            assertThat(answer.code()).isEqualTo(11);
            assertThat(answer.message()).contains("agent");
            nothingChanged();
        } finally {
            lab.agent(node).start();
            lab.awaitReady(List.of(lab.agent(node)));
        }
        runtime.add(attachment).orThrow();
        runtime.delete(attachment).orThrow();
    }

    @Test
    void addIntoAFullBlockIsRefusedAndAFreedAddressServesAgain() {
        var networks = new Networks(lab.kubernetes());
        String yaml = """
                apiVersion: multinic.fms.io/v1
                kind: MultiNicNetwork
                metadata: {name: tiny}
                spec:
                  subnet: 10.88.0.0/24
                  ipam: '{"type":"multi-nic-ipam","hostBlock":5,"interfaceBlock":1,"vlanMode":"l3"}'
                  multiNICIPAM: true
                  plugin: {cniVersion: "0.3.0", type: ptp}
                  masterNets: [10.0.1.0/24, 10.0.2.0/24]
                """;
        networks.create(Serialization.unmarshal(yaml, MultiNicNetwork.class));
        networks.awaitReady("tiny");
        List<LabPod> pods = new ArrayList<>();
        try {
            String full = "";
            for (int i = 0; i < 5 && full.isEmpty(); i++) {
                NodeState before = NodeState.of(node);
                try {
                    pods.add(lab.pods().create(node, "default", "tiny" + i, "tiny"));
                } catch (LabException e) {
                    full = e.getMessage();
                    assertThat(NodeState.of(node)).isEqualTo(before);
                }
            }
            assertThat(full).contains("CNI error 103", "tiny");
            assertThat(pods).isNotEmpty();

            lab.pods().delete(pods.removeLast());
            Deadline.pause(Services.ADDRESS_REST.plusMillis(200));
            pods.add(lab.pods().create(node, "default", "tiny-again", "tiny"));
        } finally {
            pods.forEach(lab.pods()::delete);
            lab.kubernetes().resources(MultiNicNetwork.class).withName("tiny").delete();
        }
    }

    private static String with(String config, Consumer<ObjectNode> change) {
        var root = (ObjectNode) Serialization.unmarshal(config, JsonNode.class);
        change.accept(root);
        return Serialization.asJson(root);
    }

    private static ObjectNode object(ObjectNode root, String name) {
        return (ObjectNode) root.get(name);
    }
}
