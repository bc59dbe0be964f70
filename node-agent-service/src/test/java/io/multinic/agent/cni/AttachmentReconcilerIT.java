package io.multinic.agent.cni;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.reconcile.AttachmentReconciler;
import io.multinic.agent.attach.reconcile.AttachmentReports;
import io.multinic.agent.attach.reconcile.AttachmentsState.Broken;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Subscription;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.reconcile.ReconcileLoop;
import io.multinic.contract.retry.Backoff;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Damages what was attached, by `ip` and `sysctl` in real namespaces, and expects it back by events alone:
/// the rechecks of the loop are minutes apart. Needs root.
@Timeout(60)
class AttachmentReconcilerIT {
    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;
    private TestNamespace other;
    private AttachmentKeeper keeper;
    private AttachmentKeeper peerKeeper;
    private List<String> there = List.of();

    @BeforeEach
    void makeNodes() {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.sample(0, 2));
        peer.plan.set(SamplePlans.sample(1, 2));
        node.reconcileRoutes();
        peer.reconcileRoutes();
        pod = TestNode.pod();
        other = TestNode.pod();
        keeper = new AttachmentKeeper(node);
        peerKeeper = new AttachmentKeeper(peer);
    }

    @AfterEach
    void tearDown() {
        List.of(keeper, peerKeeper).forEach(AttachmentKeeper::close);
        List.of(pod, other).forEach(TestNamespace::close);
        List.of(node, peer).forEach(TestNode::close);
    }

    /// Attaches a pod on each node and waits until the loops have seen them.
    private void attach(String plugin) {
        assertThat(CniCall.add("a", pod, plugin).on(node).code()).isZero();
        var answer = CniCall.add("b", other, plugin).on(peer);
        assertThat(answer.code()).as(answer.text()).isZero();
        there = List.of(answer.ip(0), answer.ip(1));
        eventually(() -> keeper.reconciler.state().attachments() == 1);
        eventually(() -> peerKeeper.reconciler.state().attachments() == 1);
        assertReachable();
        assertThat(keeper.restored).isEmpty();
    }

    private void assertReachable() {
        for (String address : there) {
            assertThat(pod.ping(address)).isEmpty();
            assertThat(other.ping(address.replace(".1.0", ".0.1").replace(".65.0", ".64.1")))
                    .isEmpty();
        }
    }

    private void assertRestored() {
        eventually(() -> CniCall.of("CHECK", "a", pod.netns(), "").on(node).code() == 0);
        assertReachable();
        eventually(() -> !keeper.restored.isEmpty());
        assertThat(keeper.reconciler.state().message()).isEmpty();
    }

    private String hostEnd() {
        return node.host.links().stream()
                .filter(name -> name.startsWith("mnv"))
                .findFirst()
                .orElseThrow();
    }

    private static void damage(TestNamespace namespace, String command) {
        assertThat(namespace.run("sh", "-ec", command)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip route del 192.168.0.1/32 table 13900",
                "ip route flush proto 140 table 13900",
                "sysctl -qw net.ipv4.ip_forward=1; sysctl -qw net.ipv4.ip_forward=0",
                "sysctl -qw net.ipv4.conf.eth2.forwarding=0",
                "sysctl -qw net.ipv4.conf.HOSTEND.proxy_arp=0",
                "ip link set HOSTEND down",
                "ip link del HOSTEND",
            })
    void nodesSideOfARoutedVethIsRestored(String command) {
        attach("ptp");
        damage(node.host, command.replace("HOSTEND", hostEnd()));
        assertRestored();
    }

    static List<Arguments> damagesInPods() {
        return Stream.of("ptp", "macvlan")
                .flatMap(plugin -> Stream.of(
                                "ip address flush dev net1-0",
                                "ip link set net1-1 down",
                                "ip link del net1-0",
                                "ip route del 192.168.0.0/18",
                                "ip route flush table main")
                        .map(command -> Arguments.of(plugin, command)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("damagesInPods")
    void podsSideIsRestored(String plugin, String command) {
        attach(plugin);
        damage(pod, command);
        assertRestored();
    }

    @Test
    void macvlanOfARecreatedNicIsCreatedAgainWithTheSameAddresses() {
        attach("macvlan");
        Link before = pod.stack.link("net1-0").orElseThrow();
        damage(node.host, "ip link del eth1");
        eventually(() -> keeper.broken.size() == 1);
        assertThat(keeper.broken.getFirst().pod().name()).isEqualTo("pod-a");
        assertThat(keeper.broken.getFirst().reason()).contains("net1-0 is missing", "eth1");
        assertThat(keeper.reconciler.state().message()).contains("default/pod-a", "multi-nic-sample", "eth1");

        TestNode.cable(node, peer, 1);

        eventually(() -> pod.stack.link("net1-0").isPresent());
        assertRestored();
        assertThat(pod.stack.link("net1-0").orElseThrow().address()).isEqualTo(before.address());
    }

    @Test
    void routedVethOfARecreatedNicWorksAgain() {
        attach("ptp");
        damage(node.host, "ip link del eth1");
        eventually(() -> keeper.broken.size() == 1);
        TestNode.cable(node, peer, 1);
        node.reconcileRoutes();
        peer.reconcileRoutes();
        assertRestored();
    }

    @Test
    void interfaceThatCannotBeRestoredIsReportedAndForgottenWithItsPod() {
        attach("macvlan");
        damage(
                pod,
                "ip link add foreign type veth peer name x; printf 'link set net1-0 down\\nlink set net1-0 name lost\\n"
                        + "link set foreign name net1-0\\n' | ip -batch -");
        eventually(() -> keeper.broken.size() == 1);
        assertThat(keeper.broken.getFirst().reason()).contains("net1-0 is of kind 'veth'");
        assertThat(CniCall.of("CHECK", "a", pod.netns(), "").on(node).message()).contains("net1-0 is of kind 'veth'");
        damage(pod, "ip link del lost; ip link del net1-0");
        assertRestored();
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(pod.links()).isEmpty();
    }

    /// The loop that keeps the attachments of a test node, woken by the kernel's events.
    private static final class AttachmentKeeper implements AutoCloseable, AttachmentReports {
        final List<Broken> broken = new CopyOnWriteArrayList<>();
        final List<Broken> restored = new CopyOnWriteArrayList<>();
        final AttachmentReconciler reconciler;
        private final ReconcileLoop loop;
        private final Subscription events;

        AttachmentKeeper(TestNode node) {
            reconciler =
                    new AttachmentReconciler(node.attachments, this, InstantSource.system(), Duration.ofMinutes(10));
            loop = new ReconcileLoop(
                    "attachments",
                    new ReconcileLoop.Pace(
                            Duration.ofMillis(20),
                            Duration.ofMinutes(10),
                            new Backoff(Duration.ofMillis(500), Duration.ofMillis(500), RandomGenerator.getDefault())),
                    reconciler::reconcile);
            node.attachments.onAttached(_ -> loop.wake());
            events = new LinuxKernel().watch(node.host.namespace, activity -> {
                if (reconciler.observed(activity)) {
                    loop.wake();
                }
            });
            loop.start();
        }

        @Override
        public void broken(Broken attachment) {
            broken.add(attachment);
        }

        @Override
        public void restored(Broken attachment) {
            restored.add(attachment);
        }

        @Override
        public void close() {
            events.close();
            loop.close();
        }
    }
}
