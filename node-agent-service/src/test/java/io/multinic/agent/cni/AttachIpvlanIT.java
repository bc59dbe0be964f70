package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.RepairResult;
import io.multinic.agent.journal.AttachmentKey;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pods on ipvlan from ADD to DEL, with traffic between two nodes.
@Tag("uml")
class AttachIpvlanIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"l2", "l3", "l3s"})
    void podsOfTwoNodesReachEachOther(String mode) {
        try (var node = new TestNode(directory, 0);
                var peer = new TestNode(directory, 1);
                var pod = TestNode.pod();
                var other = TestNode.pod()) {
            TestNode.cable(node, peer, 1);
            TestNode.cable(node, peer, 2);
            node.plan.set(SamplePlans.sample(0, 2));
            peer.plan.set(SamplePlans.sample(1, 2));
            node.reconcileRoutes();
            peer.reconcileRoutes();
            var here = add("a", pod, mode).on(node);
            assertThat(here.code()).as(here.text()).isZero();
            var there = add("b", other, mode).on(peer);
            assertThat(there.code()).as(there.text()).isZero();
            assertThat(pod.stack.link("net1-1").orElseThrow().mode()).isEqualTo(mode);
            assertThat(pod.ping(there.ip(0))).isEmpty();
            assertThat(pod.ping(there.ip(1))).isEmpty();
            assertThat(CniCall.of("CHECK", "a", pod.netns(), "ipvlan").on(node).code())
                    .isZero();
            assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
            assertThat(pod.links()).isEmpty();
            assertThat(node.journal.outbox().live()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void podsReachEachOtherForEveryReversePathFilter(int nics) {
        assertThat(ReversePathFilterIT.unreachable(directory, "ipvlan", nics)).isEmpty();
    }

    @Test
    void interfacesOfARecreatedNicAreCreatedAgain() {
        try (var node = new TestNode(directory, 0);
                var peer = new TestNode(directory, 1);
                var pod = TestNode.pod();
                var other = TestNode.pod()) {
            TestNode.cable(node, peer, 1);
            TestNode.cable(node, peer, 2);
            node.plan.set(SamplePlans.sample(0, 2));
            peer.plan.set(SamplePlans.sample(1, 2));
            assertThat(add("a", pod, "l3").on(node).code()).isZero();
            var there = add("b", other, "l3").on(peer);
            assertThat(node.host.run("ip", "link", "del", "eth1")).isEmpty();
            assertThat(pod.links()).containsExactly("net1-1");
            assertThat(repair(node, "a").report().broken())
                    .singleElement()
                    .asString()
                    .contains("net1-0", "eth1");

            TestNode.cable(node, peer, 1);
            node.reconcileRoutes();
            peer.reconcileRoutes();
            assertThat(repair(node, "a").report().broken()).isEmpty();
            assertThat(repair(peer, "b").report().broken()).isEmpty();
            assertThat(CniCall.of("CHECK", "a", pod.netns(), "ipvlan").on(node).code())
                    .isZero();
            assertThat(pod.ping(there.ip(0))).isEmpty();
        }
    }

    /// The NIC gets another hardware address, which its ipvlan interfaces share.
    @Test
    void newOwnerOfAnAddressIsReachedThroughWarmCaches() {
        try (var node = new TestNode(directory, 0);
                var peer = new TestNode(directory, 1);
                var neighbour = TestNode.pod();
                var first = TestNode.pod();
                var second = TestNode.pod()) {
            TestNode.cable(node, peer, 1);
            TestNode.cable(node, peer, 2);
            node.plan.set(SamplePlans.sample(0, 2));
            peer.plan.set(SamplePlans.sample(1, 2));
            assertThat(add("n", neighbour, "l2").on(peer).code()).isZero();
            String ip = add("a", first, "l2").on(node).ip(0);
            assertThat(neighbour.ping(ip)).isEmpty();
            assertThat(CniCall.del("a", first.netns()).on(node).code()).isZero();
            assertThat(node.host.run("ip", "link", "set", "eth1", "address", "02:00:00:00:00:77"))
                    .isEmpty();
            node.now = node.now.plusSeconds(60);

            var call = add("b", second, "l2");
            call.config.withObject("/runtimeConfig").putArray("ips").add(ip);
            assertThat(call.on(node).code()).isZero();
            assertThat(neighbour.ping(ip)).isEmpty();
        }
    }

    private static RepairResult.Compared repair(TestNode node, String containerId) {
        return (RepairResult.Compared) node.attachments.repair(new AttachmentKey(containerId, "net1"));
    }

    private static CniCall add(String containerId, TestNamespace pod, String mode) {
        var call = CniCall.add(containerId, pod, "ipvlan");
        call.config.withObject("/plugin").put("mode", mode);
        return call;
    }
}
