package io.multinic.lab.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.services.Lab;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The cni-args `nics` and `masters` of the pod annotation, from the annotation to the interfaces in the pod.
class NicSelectionIT {
    private static final Cidr OF_ETH1 = Cidr.parse("192.168.0.0/18");

    private final Lab lab = SharedLab.get();
    private final LabNode node = lab.layout().nodes().getFirst();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                                      | eth1 eth2
        {"nics":1}                              | eth1
        {"masters":["eth2"]}                    | eth2
        {"masters":["eth2","eth1"]}             | eth2 eth1
        {"masters":["eth2","eth1"],"nics":1}    | eth2
        """)
    void podGetsTheNicsThatItsAnnotationSelects(String arguments, String masters) {
        LabPod pod = lab.pods()
                .create(
                        node,
                        "default",
                        "selected-nics",
                        "[{\"name\":\"%s\",\"cni-args\":%s}]".formatted(SharedLab.SAMPLE, arguments));
        try {
            assertThat(pod.interfaces().stream().map(NicSelectionIT::master))
                    .isEqualTo(List.of(masters.split(" ", -1)));
        } finally {
            lab.pods().delete(pod);
        }
    }

    /// The host NIC of an interface, derived from its address.
    private static String master(CniAnswer.Interface nic) {
        return OF_ETH1.contains(nic.addresses().getFirst().address()) ? "eth1" : "eth2";
    }
}
