package io.multinic.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.LabPod;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The cni-args `nics` and `masters` of the pod annotation, from the annotation to the interfaces in the pod.
class SelectionIT {
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
    void podGetsTheNicsThatItsAnnotationAsksFor(String arguments, String masters) {
        LabPod pod = lab.pods()
                .create(
                        node,
                        "default",
                        "picky",
                        "[{\"name\":\"%s\",\"cni-args\":%s}]".formatted(SharedLab.SAMPLE, arguments));
        try {
            assertThat(pod.interfaces().stream().map(SelectionIT::master)).isEqualTo(List.of(masters.split(" ", -1)));
        } finally {
            lab.pods().delete(pod);
        }
    }

    /// The fabric of an interface shows in its address.
    private static String master(CniAnswer.Interface nic) {
        return OF_ETH1.contains(nic.addresses().getFirst().address()) ? "eth1" : "eth2";
    }
}
