package io.multinic.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.lab.kubernetes.Cluster;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PingMatrix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The whole way of a network and of pods.
class EveryPodIT {
    private final Lab lab = SharedLab.get();
    private final Ledger ledger = new Ledger(lab.ipamApi());

    @Test
    void everyPodReachesEveryPodOverEveryNicAndEveryAddressComesBack() {
        List<NodeState> before =
                lab.layout().nodes().stream().map(NodeState::of).toList();
        var pods = new ArrayList<LabPod>();
        for (LabNode node : lab.layout().nodes()) {
            pods.add(lab.pods().create(node, "default", node.name() + "-a", SharedLab.SAMPLE));
            pods.add(lab.pods().create(node, "team-a", node.name() + "-b", SharedLab.SAMPLE));
        }
        assertThat(pods)
                .allSatisfy(pod -> assertThat(pod.interfaces())
                        .extracting(CniAnswer.Interface::name)
                        .containsExactly("net1-0", "net1-1"));
        List<IpAddress> addresses = pods.stream()
                .flatMap(pod -> pod.interfaces().stream())
                .map(nic -> nic.addresses().getFirst().address())
                .toList();
        assertThat(addresses).doesNotHaveDuplicates();

        PingMatrix matrix = PingMatrix.of(pods);

        assertThat(matrix.total()).isEqualTo(6 * 5 * 2);
        assertThat(matrix.rows())
                .allSatisfy(row -> assertThat(row.connected())
                        .as(row.toString())
                        .isEqualTo(row.pings().size()));
        pods.forEach(pod -> ledger.await(pod, 2, 2));

        pods.forEach(lab.pods()::delete);

        pods.forEach(pod -> ledger.await(pod, 2, 0));
        assertThat(lab.layout().nodes().stream().map(NodeState::of)).isEqualTo(before);
    }

    @Test
    void networkIsDefinedInEveryNamespaceAlsoInOneThatComesLater() {
        lab.kubernetes().resource(Cluster.namespace("late")).create();
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
    void statusCountsTheHostsOfEachNetwork() {
        MultiNicNetworkStatus status = new Networks(lab.kubernetes()).awaitReady(SharedLab.SAMPLE);
        assertThat(status.computeResults())
                .extracting(net -> net.netAddress() + " " + net.numOfHosts())
                .containsExactlyInAnyOrder("10.0.1.0/24 3", "10.0.2.0/24 3");
    }

    @Test
    void managementNicIsNoNicOfAnyNetwork() {
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
