package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.install.BinaryInstaller;
import io.multinic.agent.install.BinaryTrial;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The CNI socket, called as the binary calls it. Needs root.
@Timeout(60)
class CniSocketIT {
    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;
    private Path path;
    private CniSocket socket;

    @BeforeEach
    void open() {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.sample(0, 2));
        pod = TestNode.pod();
        path = directory.resolve("run/cni.sock");
        socket = CniSocket.open(path, node.handler, Duration.ofSeconds(5));
    }

    @AfterEach
    void close() {
        socket.close();
        pod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    /// Calls the CNI socket as the binary does.
    record Client(Path path) {
        CniCall.Answer send(CniCall call) throws IOException {
            byte[] body = call.body();
            var head = new StringBuilder("POST /cni HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
            head.append("Content-Length: ").append(body.length).append("\r\n");
            call.headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
            return exchange(head + "\r\n", body);
        }

        /// Sends and receives concurrently: the reply may arrive before the whole request is sent.
        CniCall.Answer exchange(String head, byte[] body) throws IOException {
            try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                var request = new ByteArrayOutputStream();
                request.writeBytes(head.getBytes(StandardCharsets.UTF_8));
                request.writeBytes(body);
                Thread sender = Thread.ofVirtual().start(() -> write(channel, request.toByteArray()));
                String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
                sender.interrupt();
                int end = answer.indexOf("\r\n\r\n");
                return new CniCall.Answer(Integer.parseInt(answer.substring(9, 12)), answer.substring(end + 4));
            }
        }

        private static void write(SocketChannel channel, byte[] bytes) {
            try {
                var buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                // The server has replied and closed the connection.
            }
        }
    }

    private CniCall.Answer send(CniCall call) throws IOException {
        return new Client(path).send(call);
    }

    private CniCall.Answer exchange(String head, byte[] body) throws IOException {
        return new Client(path).exchange(head, body);
    }

    @Test
    void addCheckAndDeleteOverTheSocket() throws IOException {
        var added = send(CniCall.add("a", pod, "macvlan"));
        assertThat(added.status()).as(added.text()).isEqualTo(200);
        assertThat(added.address(1)).isEqualTo("192.168.64.1/18");
        assertThat(send(CniCall.of("CHECK", "a", pod.netns(), "macvlan")).status())
                .isEqualTo(200);
        var deleted = send(CniCall.del("a", pod.netns()));
        assertThat(deleted).isEqualTo(new CniCall.Answer(200, ""));
        assertThat(pod.links()).isEmpty();
    }

    @Test
    void onlyTheOwnerMayConnect() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void socketServesOnlyTheCniPath() throws IOException {
        assertThat(exchange("GET /actuator/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", new byte[0])
                        .status())
                .isEqualTo(404);
        assertThat(exchange("GET /cni HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", new byte[0])
                        .status())
                .isEqualTo(405);
    }

    @Test
    void bodyOfTenMegabytesIsRefusedWithAReply() throws IOException {
        var call = CniCall.add("a", pod, "macvlan");
        call.stdin = " ".repeat(10_000_000).getBytes(StandardCharsets.UTF_8);
        var answer = send(call);
        assertThat(answer.code()).isEqualTo(ErrorCode.UNREADABLE_CONTENT.cniCode());
        assertThat(answer.message()).contains("larger than 1024 KiB");
    }

    @Test
    void chunkedBodyHasTheSameLimit() throws IOException {
        var chunks = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            chunks.append("10000\r\n").append(" ".repeat(0x10000)).append("\r\n");
        }
        chunks.append("0\r\n\r\n");
        var answer = exchange(
                "POST /cni HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
                chunks.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(answer.code()).isEqualTo(ErrorCode.UNREADABLE_CONTENT.cniCode());
    }

    @Test
    void environmentOfSixtyFourKilobytesIsAccepted() throws IOException {
        var call = CniCall.add("a", pod, "macvlan");
        call.header("Cni-Args", call.headers.get("Cni-Args") + ";X=" + "y".repeat(64_000));
        assertThat(send(call).status()).isEqualTo(200);
    }

    @Test
    void concurrentAddsGetDifferentAddresses() throws Exception {
        List<TestNamespace> pods =
                IntStream.range(0, 24).mapToObj(i -> TestNode.pod()).toList();
        try (var threads = Executors.newFixedThreadPool(24)) {
            List<Callable<CniCall.Answer>> adds = IntStream.range(0, 24)
                    .mapToObj(i -> (Callable<CniCall.Answer>) () -> send(CniCall.add("c" + i, pods.get(i), "macvlan")))
                    .toList();
            var addresses = new HashSet<String>();
            for (var answer : threads.invokeAll(adds)) {
                assertThat(answer.get().status()).as(answer.get().text()).isEqualTo(200);
                addresses.add(answer.get().address(0));
                addresses.add(answer.get().address(1));
            }
            assertThat(addresses).hasSize(48);
            List<Callable<CniCall.Answer>> deletions = IntStream.range(0, 24)
                    .mapToObj(i -> (Callable<CniCall.Answer>)
                            () -> send(CniCall.del("c" + i, pods.get(i).netns())))
                    .toList();
            for (var answer : threads.invokeAll(deletions)) {
                assertThat(answer.get().status()).isEqualTo(200);
            }
            assertThat(node.journal.outbox().live()).isEmpty();
        } finally {
            pods.forEach(TestNamespace::close);
        }
    }

    @Test
    void concurrentRepetitionsOfOneAddGiveOneAttachment() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            Callable<CniCall.Answer> add = () -> send(CniCall.add("a", pod, "ptp"));
            var answers = threads.invokeAll(Collections.nCopies(8, add));
            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo(answers.getFirst().get());
            }
            assertThat(node.journal.outbox().live()).hasSize(2);
        }
    }

    @Test
    void socketOfAKilledAgentIsReplacedAndThatOfARunningAgentIsNot() throws IOException {
        assertThatThrownBy(() -> CniSocket.open(path, node.handler, Duration.ZERO))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("another agent");
        Path stale = directory.resolve("run/stale.sock");
        try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(stale));
        }
        CniSocket.open(stale, node.handler, Duration.ZERO).close();
        assertThat(stale).doesNotExist();
    }

    @Test
    void pathThatCannotHoldASocketIsRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("run/file"));
        assertThatThrownBy(() -> CniSocket.open(file, node.handler, Duration.ZERO))
                .hasMessageContaining("not a socket");
        assertThat(file).exists();
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> CniSocket.open(open.resolve("s"), node.handler, Duration.ZERO))
                .hasMessageContaining("can be written by others");
        assertThatThrownBy(() -> CniSocket.open(directory.resolve("x".repeat(120)), node.handler, Duration.ZERO))
                .hasMessageContaining("107");
    }

    @Test
    void directoryCreatedByTheKubeletIsRestrictedToItsOwner() throws IOException {
        Path made = Files.createDirectory(directory.resolve("made"));
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path socket = made.resolve("s");
        try (var _ = CniSocket.open(socket, node.handler, Duration.ZERO)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwx------");
        }
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        CniSocket.open(socket, node.handler, Duration.ZERO).close(); // the socket file of a stopped agent
    }

    @Test
    void directoryWithFilesOfOthersIsNotChanged() throws IOException {
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createFile(shared.resolve("theirs"));
        assertThatThrownBy(() -> CniSocket.open(shared.resolve("s"), node.handler, Duration.ZERO))
                .hasMessageContaining("used by others");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void binaryIsInstalledAfterTheAgentReportedReadyToIt() throws IOException {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        var installer = new BinaryInstaller(
                Path.of("../cni-binary/build/multi-nic"),
                bin,
                node.attachments::requireReady,
                new BinaryTrial(path, Duration.ofSeconds(5)));
        assertThat(installer.reconcile()).isTrue();
        assertThat(bin.resolve("multi-nic")).isExecutable();
        Files.delete(bin.resolve("multi-nic"));
        socket.close();
        assertThatThrownBy(installer::reconcile).hasMessageContainingAll("trial run failed", "cannot be reached");
        assertThat(bin).isEmptyDirectory();
        socket = CniSocket.open(path, node.handler, Duration.ofSeconds(5));
    }

    /// Executes the real binary: a reply proves that both sides use the same protocol.
    @Test
    void binaryAndAgentUseTheSameProtocol() throws Exception {
        Path binary = Path.of("../cni-binary/build/multi-nic").toAbsolutePath();
        assertThat(binary).as("build it first: make -C cni-binary").isExecutable();
        var builder = new ProcessBuilder(binary.toString());
        builder.environment().put("MULTI_NIC_SOCKET", path.toString());
        CniCall call = CniCall.add("a", pod, "ptp");
        call.headers.forEach((name, value) ->
                builder.environment().put(name.toUpperCase(Locale.ROOT).replace('-', '_'), value));
        Process process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(call.body());
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(new CniCall.Answer(200, output).address(0)).isEqualTo("192.168.0.1/18");
    }
}
