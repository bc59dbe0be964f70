package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.select.DeviceClasses;
import io.multinic.agent.select.DeviceIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Policies of NIC selection from the annotation to the pod's interfaces: eth1 has 10 Gbit/s, eth2 has 25 Gbit/s.
class SelectionPolicyIT {
    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private final List<TestNamespace> pods = new ArrayList<>();

    @BeforeEach
    void makeNodes() throws IOException {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.device(1, "8086:1593", 10_000);
        node.device(2, "15b3:1021", 25_000);
        node.plan.set(SamplePlans.sample(0, 2));
    }

    @AfterEach
    void tearDown() {
        pods.forEach(TestNamespace::close);
        List.of(node, peer).forEach(TestNode::close);
    }

    private TestNamespace pod() {
        TestNamespace pod = TestNode.pod();
        pods.add(pod);
        return pod;
    }

    private static CniCall add(String id, TestNamespace pod, String policy, String podArgs) {
        CniCall call = CniCall.add(id, pod, "macvlan").podArgs(podArgs);
        call.config.set("attachPolicy", CniCall.JSON.readTree(policy));
        return call;
    }

    /// The NICs of an answer, by the blocks of its addresses.
    private static List<String> nics(CniCall.Answer answer) {
        assertThat(answer.code()).as(answer.text()).isZero();
        List<String> nics = new ArrayList<>();
        answer.json()
                .path("ips")
                .forEach(ip -> nics.add(ip.path("address").asString().startsWith("192.168.0.") ? "eth1" : "eth2"));
        return nics;
    }

    @Test
    void deviceClassSelectsTheNicsOfItsDevices() {
        String policy = "{\"strategy\":\"devClass\"}";
        var pod = pod();
        assertThat(add("a", pod, policy, "{\"class\":\"cx7\"}").on(node).message())
                .contains("DeviceClasses", "API server");
        node.deviceClasses =
                DeviceClasses.of(Map.of("cx7", new DeviceIds(List.of(new DeviceIds.Vendor("15b3", Set.of("1021"))))));
        assertThat(add("a", pod, policy, "{\"class\":\"cx8\"}").on(node).message())
                .contains("'cx8'", "use one of cx7");
        assertThat(nics(add("a", pod, policy, "{\"class\":\"cx7\"}").on(node))).containsExactly("eth2");
        assertThat(pod.links()).containsExactly("net1-0");
    }

    @Test
    void bandwidthIsReservedUntilThePodIsDeleted() {
        String policy = "{\"strategy\":\"costOpt\",\"target\":\"15Gbps\"}";
        var first = pod();
        assertThat(nics(add("a", first, policy, "{}").on(node))).containsExactly("eth2");
        node.restart();
        assertThat(nics(add("b", pod(), policy, "{}").on(node))).containsExactly("eth1", "eth2");
        var third = pod();
        assertThat(add("c", third, policy, "{}").on(node).message())
                .contains("15Gbps", "eth1 (2500Mbps of 10Gbps free)", "eth2 (2500Mbps of 25Gbps free)");
        assertThat(nics(add("c", third, policy, "{\"target\":\"5Gbps\"}").on(node)))
                .containsExactly("eth1", "eth2");
        assertThat(CniCall.del("a", first.netns()).on(node).code()).isZero();
        assertThat(nics(add("d", pod(), policy, "{}").on(node))).containsExactly("eth2");
    }

    @Test
    void perfOptDividesTheTargetAmongTheNics() {
        String policy = "{\"strategy\":\"perfOpt\"}";
        assertThat(nics(add("a", pod(), policy, "{\"target\":\"16Gbps\"}").on(node)))
                .containsExactly("eth1", "eth2");
        assertThat(nics(add("b", pod(), policy, "{\"target\":\"10Gbps\"}").on(node)))
                .containsExactly("eth2");
    }

    @Test
    void topologySelectsTheNicAtTheSwitchOfEachGpu() throws IOException {
        String policy = "{\"strategy\":\"topology\"}";
        var pod = pod();
        assertThat(add("a", pod, policy, "{\"nics\":1}").on(node).message()).contains("device-plugins");
        node.gpus(2, 1);
        assertThat(nics(add("a", pod, policy, "{\"nics\":1}").on(node))).containsExactly("eth2");
        assertThat(nics(add("b", pod(), policy, "{}").on(node))).containsExactly("eth2", "eth1");
    }

    /// 35 Gbit/s for seven pods of 5 Gbit/s, whatever the order of the calls.
    @Test
    void concurrentPodsDoNotReserveMoreThanThereIs() throws Exception {
        List<Callable<CniCall.Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            var call = add("c" + i, pod(), "{\"strategy\":\"costOpt\",\"target\":\"5Gbps\"}", "{}");
            calls.add(() -> call.on(node));
        }
        List<String> used = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<CniCall.Answer> answer : threads.invokeAll(calls)) {
                if (answer.get().code() == 0) {
                    used.addAll(nics(answer.get()));
                } else {
                    assertThat(answer.get().message()).contains("5Gbps", "0Mbps of 25Gbps free");
                }
            }
        }
        assertThat(used).containsExactlyInAnyOrder("eth1", "eth1", "eth2", "eth2", "eth2", "eth2", "eth2");
    }
}
