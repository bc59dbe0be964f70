package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The reference IPAM plugin dhcp, whose daemon runs on the node: a pod gets its address from a DHCP server behind
/// eth1.
class DhcpIpamIT {
    private static final Path PLUGINS = Path.of("/usr/lib/cni");
    private static final long STARTS_MILLIS = 20_000;

    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;
    private final List<Process> daemons = new ArrayList<>();

    @BeforeEach
    void makeNodes() {
        node = new TestNode(directory, 0);
        node.pluginTimeout = Duration.ofSeconds(30);
        node.restart();
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        node.plan.set(SamplePlans.sample(0, 2));
        pod = TestNode.pod();
    }

    @AfterEach
    void tearDown() throws InterruptedException {
        for (Process daemon : daemons) {
            daemon.destroy();
            assertThat(daemon.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        pod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    private void start(String... command) throws IOException {
        daemons.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        directory.resolve("daemon" + daemons.size() + ".log").toFile())
                .start());
    }

    private Path startDaemon() throws IOException, InterruptedException {
        Path socket = directory.resolve("dhcp.sock");
        start(PLUGINS.resolve("dhcp").toString(), "daemon", "-socketpath", socket.toString());
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STARTS_MILLIS);
        while (!Files.exists(socket)) {
            assertThat(System.nanoTime()).as("the daemon's socket").isLessThan(end);
            Thread.sleep(20);
        }
        return socket;
    }

    private void startServer() throws IOException {
        Path config = Files.writeString(directory.resolve("udhcpd.conf"), """
                start 10.0.1.100
                end 10.0.1.110
                interface eth1
                lease_file %1$s/leases
                pidfile %1$s/udhcpd.pid
                option subnet 255.255.255.0
                option lease 600
                """.formatted(directory));
        Files.createFile(directory.resolve("leases"));
        start("nsenter", "--net=" + peer.host.netns(), "busybox", "udhcpd", "-f", "-a", "50", config.toString());
    }

    @Test
    void podGetsItsAddressFromTheServerThroughTheDaemon() throws Exception {
        startServer();
        Path socket = startDaemon();
        Path macvlan = Files.writeString(
                Files.createDirectory(directory.resolve("bin")).resolve("macvlan"),
                "#!/bin/sh\nexec nsenter --net=" + node.host.netns() + " " + PLUGINS.resolve("macvlan") + "\n");
        Files.setPosixFilePermissions(macvlan, PosixFilePermissions.fromString("rwxr-xr-x"));
        var call = CniCall.add("a", pod, "macvlan")
                .header("Cni-Path", macvlan.getParent() + ":" + PLUGINS)
                .podArgs("{\"masters\":[\"eth1\"]}");
        call.config.put("multiNICIPAM", false);
        call.config.set("ipam", CniCall.JSON.readTree("{\"type\":\"dhcp\",\"daemonSocketPath\":\"" + socket + "\"}"));
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(answer.json().at("/ips/0/address").asString()).matches("10\\.0\\.1\\.1(0\\d|10)/24");
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(pod.links()).isEmpty();
    }
}
