package io.multinic.lab.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.fixture.KernelState;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.services.Lab;
import io.multinic.lab.services.Services;
import java.time.Duration;
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

/// CNI calls with invalid input through the real binary: each gets a clear CNI error and changes nothing.
class InvalidCniCallsIT {
    private static final int TEN_MB = 10_000_000;

    private final Lab lab = SharedLab.get();
    private final LabNode node = lab.layout().nodes().getFirst();
    private final CniRuntime runtime = lab.runtime(node);

    @SuppressWarnings("NullAway.Init")
    private LabPod pod;

    @SuppressWarnings("NullAway.Init")
    private Attachment attachment;

    @SuppressWarnings("NullAway.Init")
    private KernelState nodeBefore;

    @SuppressWarnings("NullAway.Init")
    private KernelState podBefore;

    /// An invalid call: the fault, changes of configuration and environment, the expected error code, and a text that
    /// the
    /// message must contain.
    record InvalidCall(
            String fault, UnaryOperator<String> config, Map<String, String> environment, int code, String message) {
        InvalidCall(String fault, UnaryOperator<String> config, int code, String message) {
            this(fault, config, Map.of(), code, message);
        }

        @Override
        public String toString() {
            return fault;
        }
    }

    static Stream<InvalidCall> invalidCalls() {
        return Stream.of(
                new InvalidCall("not JSON", config -> "not JSON", 6, "JSON"),
                new InvalidCall("half a JSON", config -> config.substring(0, config.length() / 2), 6, "JSON"),
                new InvalidCall("empty", config -> "", 6, ""),
                new InvalidCall("10 MB", config -> " ".repeat(TEN_MB) + config, 6, ""),
                new InvalidCall(
                        "no plugin.type",
                        config -> with(config, root -> object(root, "plugin").remove("type")),
                        7,
                        "plugin.type"),
                new InvalidCall(
                        "unknown master",
                        config -> with(
                                config,
                                root -> root.withObject("/args/cni")
                                        .putArray("masters")
                                        .add("eth9")),
                        101,
                        "eth9"),
                new InvalidCall(
                        "more nics than exist",
                        config -> with(
                                config, root -> root.withObject("/args/cni").put("nics", 7)),
                        102,
                        "7"),
                new InvalidCall(
                        "nics that is no number",
                        config -> with(
                                config, root -> root.withObject("/args/cni").put("nics", "many")),
                        7,
                        "nics"),
                new InvalidCall(
                        "unknown network",
                        config -> with(config, root -> root.put("name", "no-such-network")),
                        100,
                        "no-such-network"),
                new InvalidCall(
                        "netns that does not exist",
                        config -> config,
                        Map.of("CNI_NETNS", "/run/netns/nowhere"),
                        106,
                        "/run/netns/nowhere"),
                new InvalidCall(
                        "netns that is no namespace",
                        config -> config,
                        Map.of("CNI_NETNS", "/etc/hostname"),
                        106,
                        "/etc/hostname"),
                new InvalidCall(
                        "no container id", config -> config, Map.of("CNI_CONTAINERID", ""), 4, "CNI_CONTAINERID"),
                new InvalidCall("no ifname", config -> config, Map.of("CNI_IFNAME", ""), 4, "CNI_IFNAME"),
                new InvalidCall("unknown verb", config -> config, Map.of("CNI_COMMAND", "FROBNICATE"), 4, "FROBNICATE"),
                new InvalidCall(
                        "unsupported cniVersion",
                        config -> with(config, root -> root.put("cniVersion", "9.9.9")),
                        1,
                        "9.9.9"));
    }

    @BeforeEach
    void sandbox() {
        pod = lab.pods().sandbox(node, "default", "bad", SharedLab.SAMPLE);
        attachment = lab.pods().attachments(pod, SharedLab.SAMPLE).getFirst();
        nodeBefore = KernelState.of(node);
        podBefore = KernelState.of(pod.sandbox());
    }

    @AfterEach
    void delete() {
        pod.sandbox().delete();
        lab.kubernetes().pods().inNamespace("default").withName(pod.name()).delete();
    }

    @ParameterizedTest
    @MethodSource("invalidCalls")
    void addWithInvalidInputFailsWithClearErrorAndChangesNothing(InvalidCall invalid) {
        int intervals = lab.ipamApi().audit(SharedLab.SAMPLE).size();
        var environment = new LinkedHashMap<>(runtime.environment("ADD", attachment));
        environment.putAll(invalid.environment());

        CniAnswer answer = runtime.call(environment, invalid.config().apply(attachment.config()));

        assertThat(answer.code()).as(answer.text()).isEqualTo(invalid.code());
        assertThat(answer.message()).contains(invalid.message());
        assertThat(answer.json().path("cniVersion").asText()).isNotEmpty();
        requireUnchanged();
        assertThat(lab.ipamApi().audit(SharedLab.SAMPLE)).hasSize(intervals);
    }

    private void requireUnchanged() {
        assertThat(KernelState.of(node)).isEqualTo(nodeBefore);
        assertThat(KernelState.of(pod.sandbox())).isEqualTo(podBefore);
    }

    @Test
    void addWithoutAgentFailsWithCodeTryAgainLater() {
        lab.agent(node).kill();
        try {
            CniAnswer answer = runtime.add(attachment);
            assertThat(answer.code()).isEqualTo(11);
            assertThat(answer.message()).contains("agent");
            requireUnchanged();
        } finally {
            lab.agent(node).start();
            lab.awaitReady(List.of(lab.agent(node)));
        }
        runtime.add(attachment).orThrow();
        runtime.delete(attachment).orThrow();
    }

    @Test
    void addFailsWhileTheBlockIsFullAndSucceedsAfterAnAddressWasFreed() {
        var networks = new MultiNicNetworks(lab.kubernetes());
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
                KernelState before = KernelState.of(node);
                try {
                    pods.add(lab.pods().create(node, "default", "tiny" + i, "tiny"));
                } catch (LabException e) {
                    full = e.getMessage();
                    assertThat(KernelState.of(node)).isEqualTo(before);
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
            // Other tests compare the node's kernel state: they must not see the routes of this network disappear.
            Deadline.await(
                    "node without network tiny",
                    Duration.ofSeconds(30),
                    () -> KernelState.of(node).equals(nodeBefore),
                    () -> KernelState.of(node).toString());
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
