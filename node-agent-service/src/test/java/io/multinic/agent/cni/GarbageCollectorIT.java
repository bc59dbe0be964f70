package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.garbage.AddressHolders;
import io.multinic.agent.garbage.GarbageCollector;
import io.multinic.agent.garbage.GarbageCollector.Observation;
import io.multinic.agent.garbage.NamespaceAddresses;
import io.multinic.agent.garbage.PodLookup;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.PodRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Garbage collection of sandboxes that vanished, with a fake pod lookup. Needs root.
@Timeout(120)
class GarbageCollectorIT {
    private static final Duration WAIT = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private final ApiServer apiServer = new ApiServer();
    private AddressHolders namespaces;
    private GarbageCollector.Status status = GarbageCollector.Status.NONE;
    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;
    private GarbageCollector collector;

    /// Fake lookup with the UIDs of existing pods.
    private static final class ApiServer implements PodLookup {
        final Set<String> uids = new HashSet<>();
        final List<String> queries = new ArrayList<>();
        final Set<String> broken = new HashSet<>();
        boolean away;

        @Override
        public boolean gone(PodRef pod) {
            queries.add(pod.name());
            if (away) {
                throw new IllegalStateException("away");
            }
            if (broken.contains(pod.name())) {
                throw new IllegalStateException("unreadable");
            }
            return !uids.contains(pod.uid());
        }
    }

    @BeforeEach
    void makeNodes() {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.sample(0, 2));
        pod = TestNode.pod();
        namespaces = new NamespaceAddresses(new LinuxKernel(), directory.resolve("netns"), directory.resolve("proc"));
        collector = collector();
    }

    @AfterEach
    void tearDown() {
        pod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    private GarbageCollector collector() {
        return new GarbageCollector(
                node.attachments,
                node.queues,
                new Observation(apiServer, namespaces),
                () -> node.now,
                WAIT,
                seen -> status = seen);
    }

    private void attach(String container, TestNamespace sandbox) {
        var answer = CniCall.add(container, sandbox, "ptp").on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
    }

    private int held() {
        return node.journal.outbox().live().size();
    }

    private void look(Duration later) {
        node.now = node.now.plus(later);
        try {
            collector.run();
        } finally {
            node.awaitWork();
        }
    }

    @Test
    void attachmentWithoutSandboxAndPodIsDetachedByTheSecondCheck() {
        attach("a", pod);
        pod.close();
        look(Duration.ZERO);
        assertThat(held()).isEqualTo(2);
        look(WAIT.minusSeconds(1));
        assertThat(held()).isEqualTo(2);
        look(Duration.ofSeconds(1));

        assertThat(node.journal.allocations().attachments()).isEmpty();
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
        assertThat(node.journal.outbox().pending(9).stream().map(LedgerEvent::type))
                .containsExactly(
                        LedgerEvent.Type.ALLOCATED,
                        LedgerEvent.Type.ALLOCATED,
                        LedgerEvent.Type.FREED,
                        LedgerEvent.Type.FREED);
        try (var late = TestNode.pod()) {
            assertThat(CniCall.add("a", late, "ptp").on(node).code()).isEqualTo(ErrorCode.ATTACHMENT_DELETED.cniCode());
        }
    }

    @Test
    void existingSandboxKeepsItsAddressesWithoutAnyQuery() {
        attach("a", pod);
        look(Duration.ZERO);
        look(WAIT);
        assertThat(held()).isEqualTo(2);
        assertThat(apiServer.queries).isEmpty();
    }

    @Test
    void existingPodKeepsItsAddressesWithoutASandbox() {
        apiServer.uids.add("u1");
        attach("a", pod);
        pod.close();
        look(Duration.ZERO);
        look(WAIT);
        assertThat(held()).isEqualTo(2);
        assertThat(apiServer.queries).isNotEmpty();
    }

    @Test
    void nothingIsFreedWhileTheApiServerIsUnreachable() {
        attach("a", pod);
        pod.close();
        apiServer.away = true;
        assertThatThrownBy(() -> look(Duration.ZERO)).hasMessageContaining("away");
        assertThatThrownBy(() -> look(WAIT)).hasMessageContaining("away");
        assertThat(held()).isEqualTo(2);
        apiServer.away = false;
        look(WAIT);
        assertThat(held()).as("the first look that counts").isEqualTo(2);
        look(WAIT);
        assertThat(held()).isZero();
    }

    @Test
    void lookUpsThatFailForSomePodsDoNotStopTheOthers() {
        var broken = List.of("a", "b", "c", "d");
        broken.forEach(container -> apiServer.broken.add("pod-" + container));
        for (String container : List.of("a", "b", "c", "d", "e", "f")) {
            try (var sandbox = TestNode.pod()) {
                attach(container, sandbox);
            }
        }
        assertThatThrownBy(() -> look(Duration.ZERO)).hasMessageContaining("unreadable");
        assertThatThrownBy(() -> look(Duration.ZERO))
                .hasMessageContainingAll("default/pod-a", "attachment b/net1", "unreadable");
        assertThatThrownBy(() -> look(WAIT)).hasMessageContaining("unreadable");
        assertThat(recorded()).containsExactlyElementsOf(broken);
        apiServer.broken.clear();
        look(Duration.ZERO);
        look(WAIT);
        assertThat(recorded()).isEmpty();
    }

    @Test
    void roundEndsSoonWhileTheApiServerIsUnreachable() {
        for (int i = 0; i < 6; i++) {
            try (var sandbox = TestNode.pod()) {
                attach("c" + i, sandbox);
            }
        }
        apiServer.away = true;
        assertThatThrownBy(() -> look(Duration.ZERO)).hasMessageContaining("away");
        assertThat(apiServer.queries).hasSize(3);
    }

    private List<String> recorded() {
        return node.journal.allocations().attachments().stream()
                .map(attachment -> attachment.key().containerId())
                .toList();
    }

    /// Attaches a, b and c by a plugin whose program is removed then, and d by a built-in driver; all sandboxes are
    /// closed.
    private Path attachByAPluginThatDisappears() throws IOException {
        Path plugin = Files.writeString(directory.resolve("scribe"), "#!/bin/sh\ncat > /dev/null\necho '{}'\n");
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String container : List.of("a", "b", "c", "d")) {
            try (var sandbox = TestNode.pod()) {
                var call = CniCall.add(container, sandbox, container.equals("d") ? "ptp" : "scribe")
                        .header("Cni-Path", directory.toString());
                assertThat(call.on(node).code()).isZero();
            }
        }
        return Files.move(plugin, directory.resolve("removed"));
    }

    @Test
    void attachmentsThatCannotBeRemovedDoNotStopTheOthers() throws IOException {
        Path removed = attachByAPluginThatDisappears();
        look(Duration.ZERO);
        look(WAIT);
        assertThat(recorded()).containsExactly("a", "b", "c");
        assertThatThrownBy(() -> look(Duration.ZERO))
                .hasMessageContainingAll("attachment a/net1", "attachment b/net1", "attachment c/net1", "scribe");
        assertThat(recorded()).containsExactly("a", "b", "c");
        Files.move(removed, directory.resolve("scribe"));
        assertThatThrownBy(() -> look(Duration.ZERO)).hasMessageContaining("scribe");
        assertThat(recorded()).isEmpty();
        look(Duration.ZERO);
    }

    @Test
    void gcDetachesTheOthersAndNamesEachAttachmentThatCannotBeRemoved() throws IOException {
        Path removed = attachByAPluginThatDisappears();
        var gc = CniCall.of("GC", "", "", "ptp").header("Cni-Ifname", "");
        gc.config.put("cniVersion", "1.1.0").putArray("cni.dev/valid-attachments");
        var answer = gc.on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.PLUGIN_NOT_FOUND.cniCode());
        assertThat(answer.message())
                .contains("multi-nic-sample", "attachment a/net1", "attachment b/net1", "attachment c/net1", "scribe");
        assertThat(recorded()).containsExactly("a", "b", "c");
        Files.move(removed, directory.resolve("scribe"));
        look(Duration.ZERO);
        look(WAIT);
        assertThat(recorded()).isEmpty();
    }

    @Test
    void afterARebootTheNewSandboxTakesTheAddressesOverAndTheOldOneIsCollected() {
        apiServer.uids.add("u1");
        attach("a", pod);
        node.boot = "next boot";
        node.restart();
        collector = collector();
        look(Duration.ZERO);
        look(WAIT);
        assertThat(held()).as("its DEL may still come").isEqualTo(2);

        try (var again = TestNode.pod()) {
            var call = CniCall.add("b", again, "ptp");
            call.header("Cni-Args", CniCall.add("a", again, "ptp").headers.get("Cni-Args"));
            assertThat(call.on(node).code()).isZero();
            assertThat(node.journal.outbox().live().stream().map(Allocation::containerId))
                    .containsOnly("b")
                    .hasSize(2);
            look(Duration.ZERO);
            assertThat(node.journal.allocations().attachments()).hasSize(2);
            look(WAIT);
            look(WAIT);
            assertThat(node.journal.allocations().attachments()).hasSize(1);
            assertThat(held()).isEqualTo(2);
        }
    }

    @Test
    void deletionBetweenTwoChecksIsNotRepeated() {
        attach("a", pod);
        pod.close();
        look(Duration.ZERO);
        assertThat(CniCall.del("a", "").on(node).code()).isZero();
        look(WAIT);
        assertThat(node.journal.outbox().pending(9)).hasSize(4);
    }

    @Test
    void attachmentsWithoutAPodAreNotCollected() {
        var call = CniCall.add("c", pod, "ptp").header("Cni-Args", "");
        assertThat(call.on(node).code()).isZero();
        restore("z", "");
        pod.close();
        look(Duration.ZERO);
        look(WAIT);
        assertThat(recorded()).containsExactly("c", "z");
        assertThat(apiServer.queries).isEmpty();
    }

    private void restore(String container, String uid) {
        node.journal
                .outbox()
                .restore(List.of(new Allocation(
                        "multi-nic-sample",
                        IpAddress.parse("192.168.0.99"),
                        "eth1",
                        new PodRef("default", "pod-" + container, uid),
                        container,
                        "net1",
                        "net1-0")));
    }

    @Test
    void attachmentFromTheLedgerIsCollectedByTheSecondCheckWithoutPodAndNamespace() {
        restore("z", "u9");
        look(Duration.ZERO);
        look(WAIT.minusSeconds(1));
        assertThat(recorded()).as("absent for too short a time").containsExactly("z");
        look(Duration.ofSeconds(1));
        assertThat(recorded()).isEmpty();
        assertThat(node.journal.outbox().pending(9).stream().map(LedgerEvent::type))
                .containsExactly(LedgerEvent.Type.FREED);
    }

    @Test
    void attachmentFromTheLedgerIsKeptWhileItsPodExists() {
        apiServer.uids.add("u9");
        restore("z", "u9");
        look(Duration.ZERO);
        look(WAIT);
        assertThat(recorded()).containsExactly("z");
        apiServer.uids.clear();
        look(Duration.ZERO);
        assertThat(recorded()).as("absent once").containsExactly("z");
        apiServer.uids.add("u9");
        look(WAIT);
        look(WAIT);
        assertThat(recorded()).as("absent once, then there").containsExactly("z");
    }

    @Test
    void attachmentFromTheLedgerIsKeptWhileTheApiServerIsUnreachable() {
        restore("z", "u9");
        apiServer.away = true;
        assertThatThrownBy(() -> look(Duration.ZERO)).hasMessageContaining("away");
        assertThatThrownBy(() -> look(WAIT)).hasMessageContaining("away");
        assertThat(recorded()).containsExactly("z");
    }

    @Test
    void attachmentFromTheLedgerIsKeptAndReportedWhileANamespaceHasItsAddress() throws IOException {
        restore("z", "u9");
        Path named = Files.createDirectory(directory.resolve("netns"));
        Files.createFile(named.resolve("no-namespace"));
        try (var left = TestNode.pod()) {
            left.stack.apply(new Change.AddAddress(InterfaceAddress.of(
                    left.stack.link("lo").orElseThrow().index(), PrefixedAddress.parse("192.168.0.99/18"))));
            Files.createSymbolicLink(named.resolve("cni-1"), left.namespace.path());
            look(Duration.ZERO);
            look(WAIT);
            assertThat(recorded()).containsExactly("z");
            assertThat(status.held()).isEqualTo(1);
            assertThat(status.suspects()).isZero();
            assertThat(apiServer.queries).as("rarely asked for").hasSize(1);
            Files.delete(named.resolve("cni-1"));
        }
        look(WAIT);
        look(WAIT);
        assertThat(recorded()).isEmpty();
        look(Duration.ofMinutes(10));
        assertThat(status.held()).isZero();
    }

    @Test
    void attachmentFromTheLedgerIsKeptIfANamespaceCannotBeRead() {
        restore("z", "u9");
        namespaces = () -> {
            throw new IllegalStateException("unreadable");
        };
        collector = collector();
        assertThatThrownBy(() -> look(Duration.ZERO)).hasMessageContainingAll("network namespaces", "unreadable");
        assertThatThrownBy(() -> look(WAIT)).hasMessageContaining("unreadable");
        assertThat(recorded()).containsExactly("z");
    }

    /// A node that was set up again while its Node object and a static pod stayed.
    @Test
    void attachmentFromTheLedgerIsCollectedWhenItsPodHasANewSandbox() {
        apiServer.uids.add("u1");
        restore("z", "u1");
        look(Duration.ZERO);
        look(WAIT);
        assertThat(recorded()).containsExactly("z");
        var call = CniCall.add("b", pod, "ptp");
        call.header("Cni-Args", call.headers.get("Cni-Args").replace("pod-b", "pod-z"));
        assertThat(call.on(node).code()).isZero();
        look(Duration.ZERO);
        look(WAIT);
        assertThat(recorded()).containsExactly("b");
    }
}
