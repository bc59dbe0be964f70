package io.multinic.lab.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.kubernetes.EmbeddedCluster;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.services.Lab;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The objects and the status of the sample network.
class NetworkStatusIT {
    private final Lab lab = SharedLab.get();

    @Test
    void everyNamespaceGetsADefinitionEvenIfCreatedLater() {
        lab.kubernetes().resource(EmbeddedCluster.namespace("late")).create();
        for (String namespace : List.of("default", "team-a", "late")) {
            Deadline.await(
                    "NetworkAttachmentDefinition in " + namespace,
                    Duration.ofSeconds(20),
                    () -> isDefinedIn(namespace),
                    () -> "there is none");
        }
    }

    private boolean isDefinedIn(String namespace) {
        try {
            return lab.pods().config(namespace, SharedLab.SAMPLE).contains("\"multi-nic\"");
        } catch (LabException e) {
            return false;
        }
    }

    @Test
    void statusHasTheNumberOfHostsOfEachMasterNet() {
        MultiNicNetworkStatus status = new MultiNicNetworks(lab.kubernetes()).awaitReady(SharedLab.SAMPLE);
        assertThat(status.computeResults())
                .extracting(net -> net.netAddress() + " " + net.numOfHosts())
                .containsExactlyInAnyOrder("10.0.1.0/24 3", "10.0.2.0/24 3");
    }

    @Test
    void managementNicIsNotInTheHostInterface() {
        for (LabNode node : lab.layout().nodes()) {
            var nics = lab.kubernetes()
                    .resources(HostInterface.class)
                    .withName(node.name())
                    .get()
                    .getSpec()
                    .interfaces();
            assertThat(nics).extracting(nic -> nic.interfaceName()).containsExactlyInAnyOrder("eth1", "eth2");
        }
    }
}
