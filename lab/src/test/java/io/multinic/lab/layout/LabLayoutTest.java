package io.multinic.lab.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LabLayoutTest {
    @Test
    void nodeNumberIsTheLastByteOfEachAddress() {
        LabNode second = LabLayout.of(3, 2).node("node2");
        assertThat(second.management().address()).hasToString("10.0.0.2/24");
        assertThat(second.nics())
                .extracting(nic -> nic.name() + " " + nic.address())
                .containsExactly("eth1 10.0.1.2/24", "eth2 10.0.2.2/24");
    }

    @Test
    void controlPlaneIsOnTheManagementNetworkOnly() {
        LabLayout layout = LabLayout.of(3, 2);
        assertThat(layout.management().network().contains(layout.controlAddress()))
                .isTrue();
        assertThat(layout.fabrics()).noneMatch(fabric -> fabric.network().contains(layout.controlAddress()));
    }

    /// A MAC address must survive a reboot, because peers have it in their neighbour tables.
    @Test
    void macAddressesAreDerivedFromTheIpAddressesAndUnique() {
        LabLayout layout = LabLayout.of(12, 2);
        assertThat(layout.node("node12").nics())
                .extracting(LabNode.NodeNic::mac)
                .containsExactly("02:00:0a:00:01:0c", "02:00:0a:00:02:0c");
        assertThat(layout.nodes().stream().flatMap(node -> node.nics().stream().map(LabNode.NodeNic::mac)))
                .doesNotHaveDuplicates();
    }

    @Test
    void unknownNodeIsRejected() {
        LabLayout layout = LabLayout.of(1, 1);
        assertThatThrownBy(() -> layout.node("node2")).hasMessageContaining("node2");
    }
}
