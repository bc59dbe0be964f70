package io.multinic.controller.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.wire.Nic;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostInventoryTest {
    @Test
    void allAddressesOfBothFamiliesAreRead() {
        var nics = HostInventory.of(spec(nic("eth1", "10.0.1.0/24", "10.0.1.5", "10.0.1.5/24", "fd00::5/64")));
        assertThat(nics.nics())
                .containsExactly(new Nic(
                        "eth1", List.of(PrefixedAddress.parse("10.0.1.5/24"), PrefixedAddress.parse("fd00::5/64"))));
        assertThat(nics.problems()).isEmpty();
    }

    @Test
    void addressIsReadFromTheTwoFieldsOfTheOriginal() {
        assertThat(HostInventory.of(spec(nic("eth1", "10.0.1.0/24", "10.0.1.5")))
                        .nics())
                .containsExactly(new Nic("eth1", List.of(PrefixedAddress.parse("10.0.1.5/24"))));
    }

    @Test
    void nicWithoutAnAddressIsLeftOut() {
        assertThat(HostInventory.of(spec(nic("eth1", null, null))).nics()).isEmpty();
    }

    @Test
    void unreadableAddressIsReportedAndTheOthersAreRead() {
        var nics = HostInventory.of(
                spec(nic("eth1", null, null, "10.0.1.5/24", "nonsense"), nic("eth2", "10.0.2.0", "10.0.2.5")));
        assertThat(nics.nics()).extracting(Nic::name).containsExactly("eth1");
        assertThat(nics.problems()).hasSize(2);
        assertThat(nics.problems().getFirst()).contains("eth1", "nonsense");
        assertThat(nics.problems().getLast()).contains("eth2", "10.0.2.0");
    }

    @Test
    void absentSpecHasNoNics() {
        assertThat(HostInventory.of(null).nics()).isEmpty();
    }

    private static HostInterfaceSpec spec(HostNic... nics) {
        return new HostInterfaceSpec("node-a", List.of(nics));
    }

    private static HostNic nic(String name, @Nullable String net, @Nullable String ip, String... addresses) {
        return new HostNic(name, net, ip, null, null, null, List.of(addresses), null, null, null, null, null, null);
    }
}
