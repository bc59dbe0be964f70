package io.multinic.lab.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.services.Lab;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Invalid networks are rejected with the reason and do not affect other networks.
class InvalidNetworksIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Lab lab = SharedLab.get();
    private final MultiNicNetworks networks = new MultiNicNetworks(lab.kubernetes());

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        blocks-do-not-fit    | 10.77.0.0/16  | 12 | 6 | ["10.0.1.0/24"]                                    | 34
        subnet-unparsable    | 10.77.0.0/zz  | 6  | 2 | ["10.0.1.0/24"]                                    | 10.77.0.0/zz
        too-many-master-nets | 10.77.0.0/16  | 6  | 1 | ["10.0.1.0/24","10.0.2.0/24","10.0.3.0/24"]         | interfaceBlock
        """)
    void invalidNetworkIsRejectedWithTheReasonAndOthersAreNotAffected(
            String name, String subnet, int hostBlock, int interfaceBlock, String masterNets, String reason) {
        String yaml = """
            apiVersion: multinic.fms.io/v1
            kind: MultiNicNetwork
            metadata: {name: "%s"}
            spec:
              subnet: "%s"
              ipam: '{"type":"multi-nic-ipam","hostBlock":%d,"interfaceBlock":%d,"vlanMode":"l3"}'
              multiNICIPAM: true
              plugin: {cniVersion: "0.3.0", type: ptp}
              masterNets: %s
            """.formatted(name, subnet, hostBlock, interfaceBlock, masterNets);
        networks.create(Serialization.unmarshal(yaml, MultiNicNetwork.class));
        try {
            MultiNicNetworkStatus status = networks.awaitFailed(name);
            assertThat(status.message()).contains(reason);
            assertThat(eventsOf(name)).anySatisfy(event -> {
                assertThat(event.getType()).isEqualTo("Warning");
                assertThat(event.getMessage()).contains(reason);
            });

            networks.awaitReady(SharedLab.SAMPLE);
            LabPod pod =
                    lab.pods().create(lab.layout().nodes().getFirst(), "default", "other-network", SharedLab.SAMPLE);
            lab.pods().delete(pod);
        } finally {
            lab.kubernetes().resources(MultiNicNetwork.class).withName(name).delete();
            Deadline.await(
                    name + " deleted",
                    SOON,
                    () -> lab.kubernetes()
                                    .resources(MultiNicNetwork.class)
                                    .withName(name)
                                    .get()
                            == null,
                    () -> "it is still there");
        }
    }

    private List<Event> eventsOf(String network) {
        Deadline.await("an Event about " + network, SOON, () -> !events(network).isEmpty(), () -> "there is none");
        return events(network);
    }

    private List<Event> events(String network) {
        return lab.kubernetes().v1().events().inAnyNamespace().list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(network))
                .toList();
    }
}
