package io.multinic.controller.reconcile.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.controller.MockCluster;
import io.multinic.controller.ipam.FakeIpamServer;
import io.multinic.controller.ipam.HttpIpamClient;
import io.multinic.controller.metrics.ControllerMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tests the retirement of nodes that left while the controller was not running.
class NodeSweepIT {
    private static final Duration PERIOD = Duration.ofMinutes(10);
    private static final Duration GONE_AFTER = Duration.ofMinutes(1);

    private final MockCluster cluster = new MockCluster();
    private final FakeIpamServer server = new FakeIpamServer();
    private final ControllerMetrics metrics = new ControllerMetrics(new SimpleMeterRegistry());
    private final HttpIpamClient ipam =
            new HttpIpamClient(server.uri(), Credentials.none(), Duration.ofSeconds(1), Duration.ofSeconds(5), metrics);
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final NodeSweep sweep = new NodeSweep(cluster.client(), ipam, metrics, () -> now, PERIOD, GONE_AFTER);

    @BeforeEach
    void registerNode() {
        ipam.putNode("node-a", new NodeInventory(cluster.node("node-a"), List.of()));
    }

    @AfterEach
    void close() {
        assertThat(server.violations()).isEmpty();
        server.close();
        cluster.close();
    }

    @Test
    void nodeWithoutHostInterfaceIsRetiredAtTheSecondCheck() {
        ipam.putNode("node-b", new NodeInventory("uid-b", List.of()));
        assertThat(sweep.check()).isEqualTo(GONE_AFTER);
        assertThat(server.nodeUids()).contains("uid-b");
        assertThat(checkLater()).isEqualTo(PERIOD);
        assertThat(server.nodeUids()).hasSize(1).doesNotContain("uid-b");
        checkLater();
        assertThat(server.writes())
                .filteredOn(write -> write.startsWith("DELETE"))
                .hasSize(1);
    }

    @Test
    void nodeProvenGoneIsRetiredAlthoughItsPodsHoldAddresses() {
        ipam.putNode("node-b", new NodeInventory("uid-b", List.of()));
        server.hold("node-b");
        sweep.check();
        assertThat(checkLater()).isEqualTo(PERIOD);
        assertThat(server.nodeUids()).doesNotContain("uid-b");
        assertThat(server.writes()).contains("DELETE /api/v1/nodes/node-b?uid=uid-b&gone=true");
    }

    @Test
    void supersededNodeIsRetiredWhenItsAgentHasNoContact() {
        ipam.putNode("node-b", new NodeInventory("uid-old", List.of()));
        String uid = cluster.node("node-b");
        cluster.hostInterface("node-b", "10.0.1.2/24");
        ipam.putNode("node-b", new NodeInventory(uid, List.of()));
        server.hasContact("uid-old", true);
        sweep.check();
        assertThat(checkLater()).as("next check").isEqualTo(GONE_AFTER);
        assertThat(server.nodeUids()).contains("uid-old", uid);
        server.hasContact("uid-old", false);
        assertThat(checkLater()).isEqualTo(PERIOD);
        assertThat(server.nodeUids()).contains(uid).doesNotContain("uid-old");
        assertThat(cluster.client()
                        .resources(HostInterface.class)
                        .withName("node-b")
                        .get())
                .isNotNull();
    }

    @Test
    void noNodeIsRetiredWhileIpamOrTheApiServerDoesNotAnswer() {
        ipam.putNode("node-b", new NodeInventory("uid-b", List.of()));
        sweep.check();
        server.down();
        assertThat(checkLater()).isEqualTo(GONE_AFTER);
        server.up();
        cluster.refuse("/api/v1/nodes");
        assertThat(checkLater()).isEqualTo(GONE_AFTER);
        cluster.refuse("");
        assertThat(server.writes()).noneMatch(write -> write.startsWith("DELETE"));
        checkLater();
        assertThat(server.nodeUids()).doesNotContain("uid-b");
    }

    @Test
    void noNodeIsRetiredWhenTheClusterIsEmpty() {
        cluster.client().nodes().delete();
        sweep.check();
        checkLater();
        checkLater();
        assertThat(server.writes()).noneMatch(write -> write.startsWith("DELETE"));
    }

    private Duration checkLater() {
        now = now.plus(GONE_AFTER);
        return sweep.check();
    }
}
