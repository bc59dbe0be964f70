package io.multinic.agent.cni;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.garbage.GarbageCollector;
import io.multinic.agent.garbage.GarbageCollector.Observation;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An executed plugin that hangs for one of two networks, behind the real socket. Needs root.
///
/// The plugin's timeout is longer than that of the tests: whatever waits for the plugin fails.
@Timeout(120)
class HangingPluginIT {
    private static final String OTHER = "other-network";

    /// Calls of one plugin that run at the same time, and detachments.
    private static final int CALLS = 8;

    private static final int DETACHMENTS = 2;

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;
    private TestNamespace otherPod;
    private CniSocket socket;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.withSecondNetwork(OTHER));
        node.pluginTimeout = Duration.ofMinutes(10);
        node.restart();
        pod = TestNode.pod();
        otherPod = TestNode.pod();
        socket = serve();
        script();
    }

    @AfterEach
    void close() throws IOException {
        release();
        socket.close();
        threads.close();
        pod.close();
        otherPod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    private CniSocket serve() {
        return CniSocket.open(path(), node.handler, Duration.ofSeconds(5));
    }

    private Path path() {
        return directory.resolve("run/cni.sock");
    }

    /// While the file `hang` exists, calls for the sample network do not end; each leaves a file.
    private void script() throws IOException {
        Path file = Files.writeString(directory.resolve("slow"), """
                #!/bin/sh
                if grep -q '"name":"%s"'; then
                  [ -e %2$s/hang ] && touch %2$s/running-$CNI_CONTAINERID
                  while [ -e %2$s/hang ]; do sleep 0.1; done
                fi
                [ $CNI_COMMAND = ADD ] && echo '{}'
                exit 0
                """.formatted(SamplePlans.NETWORK, directory));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void hang() throws IOException {
        Files.createFile(directory.resolve("hang"));
    }

    private void release() throws IOException {
        Files.deleteIfExists(directory.resolve("hang"));
    }

    /// Number of containers for which the plugin was executed while it hung.
    private int executed() {
        try (Stream<Path> files = Files.list(directory)) {
            return (int) files.filter(file -> file.getFileName().toString().startsWith("running-"))
                    .count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private CniCall.Answer send(CniCall call) throws IOException {
        return new CniSocketIT.Client(path()).send(call);
    }

    private Future<CniCall.Answer> sending(CniCall call) {
        return threads.submit((Callable<CniCall.Answer>) () -> send(call));
    }

    private CniCall slow(String container) {
        return CniCall.add(container, pod, "slow")
                .header("Cni-Path", directory.toString())
                .podArgs("{\"nics\":1}");
    }

    private CniCall other(String container, String plugin) {
        var call = CniCall.add(container, otherPod, plugin)
                .header("Cni-Path", directory.toString())
                .podArgs("{\"nics\":1}");
        call.config.put("name", OTHER);
        return call;
    }

    private void attach(CniCall call) throws IOException {
        var answer = send(call);
        assertThat(answer.code()).as(answer.text()).isZero();
    }

    private List<String> recorded() {
        return node.journal.allocations().attachments().stream()
                .map(attachment -> attachment.key().containerId())
                .toList();
    }

    /// Restarts the agent with four incomplete deletions whose plugin hangs.
    private void restartWithIncompleteDeletions() throws IOException {
        for (String container : List.of("a", "b", "c", "d")) {
            attach(slow(container));
        }
        socket.close();
        for (String container : List.of("a", "b", "c", "d")) {
            node.journal.allocations().detaching(new AttachmentKey(container, "net1"));
        }
        hang();
        node.restartBesideRecovery();
        socket = serve();
    }

    @Test
    void recoveryThatHangsDelaysNoOtherNetwork() throws IOException {
        restartWithIncompleteDeletions();
        attach(other("e", "ptp"));
        attach(other("f", "slow").header("Cni-Ifname", "net2"));
        eventually(() -> executed() == DETACHMENTS);
        assertThat(recorded()).containsExactly("a", "b", "c", "d", "e", "f");
        assertThat(send(CniCall.del("e", otherPod.netns())).code()).isZero();
        assertThat(executed()).isEqualTo(DETACHMENTS);

        release();
        node.awaitWork();
        assertThat(recorded()).containsExactly("f");
    }

    @Test
    void callsWaitForTheRecoveryOfTheirAttachment() throws Exception {
        restartWithIncompleteDeletions();
        eventually(() -> executed() == DETACHMENTS);
        var deletion = sending(CniCall.del("a", pod.netns()));
        var repeated = sending(slow("b"));
        attach(other("e", "ptp"));
        assertThat(deletion).isNotDone();
        assertThat(repeated).isNotDone();

        release();
        assertThat(deletion.get().code()).isZero();
        assertThat(repeated.get().code()).as("after its DEL").isEqualTo(ErrorCode.ATTACHMENT_DELETED.cniCode());
        node.awaitWork();
        assertThat(recorded()).containsExactly("e");
    }

    @Test
    void manyCallsOfAPluginThatHangsDelayNoOtherNetwork() throws Exception {
        attach(slow("before"));
        hang();
        List<Future<CniCall.Answer>> answers = new ArrayList<>(IntStream.range(0, 40)
                .mapToObj(i -> sending(slow("c" + i).header("Cni-Ifname", "eth" + i)))
                .toList());
        eventually(() -> executed() == CALLS);
        answers.add(sending(CniCall.del("before", pod.netns())));
        answers.add(sending(CniCall.of("CHECK", "before", pod.netns(), "slow")));

        attach(other("e", "ptp"));
        attach(other("f", "slow").header("Cni-Ifname", "net2"));
        assertThat(send(CniCall.of("CHECK", "e", otherPod.netns(), "ptp")).code())
                .isZero();
        assertThat(send(CniCall.del("e", otherPod.netns())).code()).isZero();
        assertThat(send(CniCall.del("f", otherPod.netns())).code()).isZero();
        assertThat(executed()).isEqualTo(CALLS);

        release();
        int succeeded = 0;
        for (var answer : answers) {
            int code = answer.get().code();
            succeeded += code == 0 ? 1 : 0;
            // Calls that waited for too long, on a slow machine; CHECK misses the interface, which no plugin makes.
            assertThat(code)
                    .as(answer.get().text())
                    .isIn(0, ErrorCode.TRY_AGAIN_LATER.cniCode(), ErrorCode.ATTACHMENT_BROKEN.cniCode());
        }
        assertThat(succeeded).isGreaterThanOrEqualTo(CALLS);
    }

    @Test
    void garbageWhosePluginHangsDelaysNoOtherGarbage() throws IOException {
        for (String container : List.of("a", "b", "c", "d")) {
            attach(slow(container));
        }
        attach(other("e", "ptp"));
        pod.close();
        otherPod.close();
        hang();
        var collector = new GarbageCollector(
                node.attachments,
                node.queues,
                new Observation(_ -> true, Map::of),
                () -> node.now,
                Duration.ofMinutes(1),
                _ -> {});
        collector.run();
        node.now = node.now.plus(Duration.ofMinutes(1));
        collector.run();
        eventually(() -> recorded().equals(List.of("a", "b", "c", "d")));
        eventually(() -> executed() == DETACHMENTS);
        collector.run();

        release();
        node.awaitWork();
        assertThat(recorded()).isEmpty();
    }
}
