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
import io.multinic.controller.reconcile.node.NodeRemoval.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeRemovalIT {
    private final MockCluster cluster = new MockCluster();
    private final FakeIpamServer server = new FakeIpamServer();
    private final HttpIpamClient ipam = new HttpIpamClient(
            server.uri(),
            Credentials.none(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            new ControllerMetrics(new SimpleMeterRegistry()));
    private final NodeRemoval retirement = new NodeRemoval(cluster.client(), ipam);

    @BeforeEach
    void createHostInterface() {
        cluster.hostInterface("node-a", "10.0.1.1/24");
    }

    @AfterEach
    void close() {
        server.close();
        cluster.close();
    }

    @Test
    void presentNodeIsNotRetiredAfterADeletionEvent() {
        ipam.putNode("node-a", new NodeInventory(cluster.node("node-a"), List.of()));
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.PRESENT);
        assertThat(server.node("node-a")).isPresent();
        assertThat(hostInterfaceExists()).isTrue();
    }

    @Test
    void nodeUnknownToIpamKeepsItsHostInterface() {
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.UNKNOWN);
        assertThat(hostInterfaceExists()).isTrue();
    }

    @Test
    void absentNodeIsRetiredWithItsHostInterface() {
        ipam.putNode("node-a", new NodeInventory("uid-1", List.of()));
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.RETIRED);
        assertThat(server.writes()).contains("DELETE /api/v1/nodes/node-a?uid=uid-1");
        assertThat(hostInterfaceExists()).isFalse();
    }

    @Test
    void hostInterfaceManagedByAUserIsKept() {
        cluster.client().resources(HostInterface.class).withName("node-a").edit(host -> {
            host.getMetadata().setLabels(Map.of("multi-nic-unmanaged", "true"));
            return host;
        });
        ipam.putNode("node-a", new NodeInventory("uid-1", List.of()));
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.RETIRED);
        assertThat(hostInterfaceExists()).isTrue();
    }

    @Test
    void absentNodeWithAddressesInUseIsKept() {
        ipam.putNode("node-a", new NodeInventory("uid-1", List.of()));
        server.hold("node-a");
        assertThat(retirement.retireIfGone("node-a"))
                .as("one check is no proof")
                .isEqualTo(Outcome.KEPT);
        assertThat(server.node("node-a")).isPresent();
        assertThat(hostInterfaceExists()).isTrue();
    }

    private boolean hostInterfaceExists() {
        return cluster.client()
                        .resources(HostInterface.class)
                        .withName("node-a")
                        .get()
                != null;
    }
}
