package io.multinic.controller.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.controller.TestCluster;
import io.multinic.controller.ipam.FakeIpamServer;
import io.multinic.controller.ipam.HttpIpamClient;
import io.multinic.controller.kubernetes.NodeRetirement.Outcome;
import io.multinic.controller.metrics.ControllerMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeRetirementIT {
    private final TestCluster cluster = new TestCluster();
    private final FakeIpamServer server = new FakeIpamServer();
    private final HttpIpamClient ipam = new HttpIpamClient(
            server.uri(),
            Credentials.none(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            new ControllerMetrics(new SimpleMeterRegistry()));
    private final NodeRetirement retirement = new NodeRetirement(cluster.client(), ipam);

    @BeforeEach
    void hostSpeaks() {
        cluster.hostInterface("node-a", "10.0.1.1/24");
    }

    @AfterEach
    void close() {
        server.close();
        cluster.close();
    }

    @Test
    void nodeThatIsThereIsNeverRetiredWhateverTheEventSaid() {
        ipam.putNode("node-a", new NodeInventory(cluster.node("node-a"), List.of()));
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.PRESENT);
        assertThat(server.node("node-a")).isPresent();
        assertThat(hostInterfaceIsThere()).isTrue();
    }

    @Test
    void nodeThatNobodyKnowsIsLeftToCome() {
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.UNKNOWN);
        assertThat(hostInterfaceIsThere()).isTrue();
    }

    @Test
    void nodeThatIsGoneIsRetiredWithItsHostInterface() {
        ipam.putNode("node-a", new NodeInventory("uid-1", List.of()));
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.RETIRED);
        assertThat(server.writes()).contains("DELETE /api/v1/nodes/node-a?uid=uid-1");
        assertThat(hostInterfaceIsThere()).isFalse();
    }

    @Test
    void hostInterfaceOfAUserStays() {
        cluster.client().resources(HostInterface.class).withName("node-a").edit(host -> {
            host.getMetadata().setLabels(Map.of("multi-nic-unmanaged", "true"));
            return host;
        });
        ipam.putNode("node-a", new NodeInventory("uid-1", List.of()));
        assertThat(retirement.retireIfGone("node-a")).isEqualTo(Outcome.RETIRED);
        assertThat(hostInterfaceIsThere()).isTrue();
    }

    @Test
    void nodeWhoseAddressesAreInUseIsKept() {
        ipam.putNode("node-a", new NodeInventory("uid-1", List.of()));
        server.hold("node-a");
        assertThat(retirement.retireIfGone("node-a")).as("one look is no proof").isEqualTo(Outcome.KEPT);
        assertThat(server.node("node-a")).isPresent();
        assertThat(hostInterfaceIsThere()).isTrue();
    }

    private boolean hostInterfaceIsThere() {
        return cluster.client()
                        .resources(HostInterface.class)
                        .withName("node-a")
                        .get()
                != null;
    }
}
