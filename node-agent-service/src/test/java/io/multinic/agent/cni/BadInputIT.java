package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NodePlan;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each wrong ADD gets a clear error and changes nothing: no address, no link, no record, no event. Needs root.
@Timeout(60)
class BadInputIT {
    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;

    @BeforeEach
    void makeNodes() {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.sample(0, 2));
        pod = TestNode.pod();
    }

    @AfterEach
    void tearDown() {
        pod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    record Bad(String fact, Consumer<CniCall> change, ErrorCode code, List<String> parts) {
        Bad(String fact, Consumer<CniCall> change, ErrorCode code, String... parts) {
            this(fact, change, code, List.of(parts));
        }

        @Override
        public String toString() {
            return fact;
        }
    }

    static Stream<Bad> inputs() {
        return Stream.of(
                new Bad("not JSON", call -> call.raw("hello"), ErrorCode.UNREADABLE_CONTENT, "not JSON"),
                new Bad("empty", call -> call.config.removeAll(), ErrorCode.INCOMPATIBLE_CNI_VERSION, "0.1.0"),
                new Bad("white space", call -> call.raw("  "), ErrorCode.UNREADABLE_CONTENT, "not"),
                new Bad("a list", call -> call.raw("[]"), ErrorCode.UNREADABLE_CONTENT, "not a JSON object"),
                new Bad(
                        "no plugin.type",
                        call -> call.config.withObject("/plugin").remove("type"),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "plugin.type"),
                new Bad(
                        "unknown master",
                        call -> call.podArgs("{\"masters\":[\"eth9\"]}"),
                        ErrorCode.MASTER_UNKNOWN,
                        "eth9",
                        "eth1 (10.0.1.0/24), eth2"),
                new Bad("too many nics", call -> call.podArgs("{\"nics\":3}"), ErrorCode.TOO_FEW_NICS, "3", "2"),
                new Bad("negative nics", call -> call.podArgs("{\"nics\":-1}"), ErrorCode.INVALID_NETWORK_CONFIG, "-1"),
                new Bad(
                        "unknown network",
                        call -> call.config.put("name", "other"),
                        ErrorCode.NETWORK_UNKNOWN,
                        "other",
                        "multi-nic-sample",
                        "kubectl"),
                new Bad(
                        "missing netns",
                        call -> call.header("Cni-Netns", "/run/netns/nowhere"),
                        ErrorCode.NETNS_UNUSABLE,
                        "/run/netns/nowhere"),
                new Bad(
                        "netns is a file",
                        call -> call.header("Cni-Netns", "/etc/hostname"),
                        ErrorCode.NETNS_UNUSABLE,
                        "/etc/hostname"),
                new Bad(
                        "cniVersion of the future",
                        call -> call.config.put("cniVersion", "2.0.0"),
                        ErrorCode.INCOMPATIBLE_CNI_VERSION,
                        "2.0.0",
                        "1.1.0"),
                new Bad(
                        "cniVersion of the past",
                        call -> call.config.put("cniVersion", "0.2.0"),
                        ErrorCode.INCOMPATIBLE_CNI_VERSION,
                        "0.2.0"),
                new Bad(
                        "unknown mode",
                        call -> call.config.withObject("/plugin").put("mode", "fast"),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "fast",
                        "bridge"),
                new Bad(
                        "mtu is no number",
                        call -> call.config.withObject("/plugin").put("mtu", "big"),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "big"),
                new Bad(
                        "unknown strategy",
                        call -> call.config.putObject("attachPolicy").put("strategy", "fastest"),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "'fastest' is unknown",
                        "topology"),
                new Bad(
                        "strategy without its target",
                        call -> call.config.putObject("attachPolicy").put("strategy", "costOpt"),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "costOpt",
                        "`target`"),
                new Bad(
                        "gateway nowhere",
                        call -> call.config
                                .withObject("/ipam")
                                .set("routes", CniCall.JSON.readTree("[{\"dst\":\"1.0.0.0/8\",\"gw\":\"9.9.9.9\"}]")),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "9.9.9.9"),
                new Bad(
                        "interface name without room for the number",
                        call -> call.header("Cni-Ifname", "fourteen-chars"),
                        ErrorCode.INVALID_ENVIRONMENT,
                        "fourteen-chars"),
                new Bad(
                        "address outside",
                        call -> call.header("Cni-Args", "IP=10.9.9.9"),
                        ErrorCode.ADDRESS_UNAVAILABLE,
                        "10.9.9.9"),
                new Bad(
                        "plugin that is not there",
                        call -> call.config.withObject("/plugin").put("type", "no-such-plugin"),
                        ErrorCode.PLUGIN_NOT_FOUND,
                        "no-such-plugin",
                        "/usr/lib/cni"),
                new Bad(
                        "plugin is a path",
                        call -> call.config.withObject("/plugin").put("type", "../bin/sh"),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "../bin/sh"),
                new Bad(
                        "asked as an IPAM plugin",
                        call -> call.header("Cni-Plugin", "multi-nic-ipam"),
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "not supported yet"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("inputs")
    void badInputIsRefusedAndChangesNothing(Bad bad) {
        var call = CniCall.add("a", pod, "macvlan");
        bad.change.accept(call);
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isEqualTo(bad.code.cniCode());
        assertThat(answer.message()).contains(bad.parts);
        assertThat(answer.text()).doesNotContain("Exception", "\\tat ");
        assertThat(pod.links()).isEmpty();
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
        assertThat(node.journal.allocations().attachments()).isEmpty();
        assertThat(node.journal.outbox().live()).isEmpty();
        assertThat(CniCall.add("a", pod, "macvlan").on(node).code()).isZero();
    }

    @Test
    void nodesOwnNamespaceIsRefused() {
        var answer = CniCall.add("a", node.host, "macvlan").on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.NETNS_UNUSABLE.cniCode());
        assertThat(answer.message()).contains("node itself");
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
    }

    /// Accepts both results, since not all kernels have ipvlan; `AttachIpvlanIT` runs in a kernel that has it.
    @Test
    void ipvlanIsCreatedOrReportedAsUnsupported() {
        var answer = CniCall.add("a", pod, "ipvlan").on(node);
        if (answer.code() == 0) {
            assertThat(pod.stack.link("net1-0").orElseThrow().kind()).isEqualTo("ipvlan");
        } else {
            assertThat(answer.code()).as(answer.text()).isEqualTo(ErrorCode.KERNEL_LACKS_SUPPORT.cniCode());
            assertThat(answer.message()).contains("ipvlan");
            assertThat(node.journal.outbox().live()).isEmpty();
        }
    }

    @Test
    void errorWithoutAPlanNamesTheRemedy() {
        try (var fresh = new TestNode(directory, 7)) {
            var answer = CniCall.add("a", pod, "macvlan").on(fresh);
            assertThat(answer.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER.cniCode());
            assertThat(answer.message()).contains("ipam-service");
            var status = CniCall.of("STATUS", "", "", "macvlan");
            status.config.put("cniVersion", "1.1.0");
            assertThat(status.on(fresh).code()).isEqualTo(50);
            fresh.plan.set(SamplePlans.sample(0, 1));
            assertThat(status.on(fresh).code()).isZero();
        }
    }

    @Test
    void nodeWithoutANicInTheNetworkIsReported() {
        var plan = SamplePlans.sample(0, 1);
        var network = plan.networks().getFirst();
        node.plan.set(
                new NodePlan("node0", "uid0", 2, List.of(new NetworkPlan(network.network(), 0, List.of(), List.of()))));
        assertThat(CniCall.add("a", pod, "macvlan").on(node).code()).isEqualTo(ErrorCode.TOO_FEW_NICS.cniCode());
    }

    @Test
    void versionNeedsNoConfiguration() {
        var answer = CniCall.of("VERSION", "", "", "").raw(" ").on(node);
        assertThat(answer.json().path("supportedVersions").size()).isEqualTo(5);
    }
}
