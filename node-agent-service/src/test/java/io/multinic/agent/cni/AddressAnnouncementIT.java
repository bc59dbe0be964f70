package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Neighbours with a cached hardware address reach the new owner of an address at once. Needs root.
@Timeout(60)
class AddressAnnouncementIT {
    /// A cached hardware address without announcement is used for at least 5 s (delay_first_probe_time).
    private static final String LIMIT_SECONDS = "1";

    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace neighbour;

    @BeforeEach
    void makeNodes() throws InterruptedException {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.awaitLinkLocal();
        peer.awaitLinkLocal();
        neighbour = TestNode.pod();
        node.plan.set(SamplePlans.dualStack(0, 2));
        peer.plan.set(SamplePlans.dualStack(1, 2));
        node.reconcileRoutes();
        peer.reconcileRoutes();
        assertThat(CniCall.add("n", neighbour, "macvlan").on(peer).code()).isZero();
    }

    @AfterEach
    void tearDown() {
        neighbour.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void newOwnerIsReachedThroughWarmCaches(int address) {
        assertNewOwnerIsReached(address, "macvlan");
    }

    /// The plugin adds addresses to a link that is up, which announces nothing.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void newOwnerByAnExecutedPluginIsReachedThroughWarmCaches(int address) throws IOException {
        Path plugin = Files.writeString(directory.resolve("quiet"), """
            #!/bin/sh
            conf=$(cat)
            if [ $CNI_COMMAND = DEL ]; then nsenter --net=$CNI_NETNS ip link del $CNI_IFNAME; exit 0; fi
            master=$(echo "$conf" | sed 's/.*"master":"\\([^"]*\\)".*/\\1/')
            nsenter --net=%s ip link add $CNI_IFNAME netns $CNI_NETNS link $master type macvlan mode bridge
            nsenter --net=$CNI_NETNS ip link set $CNI_IFNAME up
            for a in $(echo "$conf" | grep -o '"address":"[^"]*"' | cut -d'"' -f4); do
              nsenter --net=$CNI_NETNS ip address add $a dev $CNI_IFNAME nodad
            done
            echo '{"cniVersion":"0.3.0"}'
            """.formatted(node.host.netns()));
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertNewOwnerIsReached(address, "quiet");
    }

    private CniCall add(String containerId, TestNamespace pod, String plugin) {
        return CniCall.add(containerId, pod, plugin).header("Cni-Path", directory.toString());
    }

    private void assertNewOwnerIsReached(int address, String plugin) {
        String ip;
        String hardware;
        try (var first = TestNode.pod()) {
            var added = add("a", first, plugin).on(node);
            assertThat(added.code()).as(added.text()).isZero();
            ip = added.ip(address);
            hardware = hardware(first);
            assertThat(neighbour.ping(ip)).isEmpty();
            assertThat(CniCall.del("a", first.netns()).on(node).code()).isZero();
        }
        node.now = node.now.plusSeconds(60);
        try (var second = TestNode.pod()) {
            var call = add("b", second, plugin);
            call.config.withObject("/runtimeConfig").putArray("ips").add(ip);
            var added = call.on(node);
            assertThat(added.code()).as(added.text()).isZero();
            assertThat(hardware(second)).isNotEqualTo(hardware);
            // The kernel handles broadcasts in the background, so the first packet may precede the announcement.
            assertThat(neighbour.run("ping", "-c", "1", "-i", "0.1", "-w", LIMIT_SECONDS, ip))
                    .isEmpty();
        }
    }

    private static String hardware(TestNamespace pod) {
        return String.valueOf(pod.stack.link("net1-0").orElseThrow().address());
    }
}
