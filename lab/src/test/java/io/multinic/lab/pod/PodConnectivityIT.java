package io.multinic.lab.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import io.multinic.lab.fixture.KernelState;
import io.multinic.lab.fixture.PodLedger;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.services.Lab;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Connectivity between pods, and the release of their addresses.
class PodConnectivityIT {
    private final Lab lab = SharedLab.get();
    private final PodLedger ledger = new PodLedger(lab.ipamApi());

    @Test
    void everyPodReachesEveryPodOverEveryNicAndEveryAddressIsReleased() {
        List<KernelState> before =
                lab.layout().nodes().stream().map(KernelState::of).toList();
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
        assertThat(lab.layout().nodes().stream().map(KernelState::of)).isEqualTo(before);
    }
}
