package io.multinic.agent.route.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Link;
import io.multinic.agent.nic.HostInterfaceModel;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalNicTest {
    private static Link link(String name, int index, boolean up) {
        return new Link(index, name, "", "", up ? 1 : 0, Link.OperState.UP, 1500, null, 0, 0, -1, 0, "", "");
    }

    @Test
    void onlyNicsWithALinkThatIsUpAreUsable() {
        var nics = List.of(
                RouteFixtures.nic("eth3", "10.0.3.1/24"),
                RouteFixtures.nic("eth1", "10.0.1.1/24", "fd00::1/64"),
                RouteFixtures.nic("eth2", "10.0.2.1/24"));

        assertThat(LocalNic.usable(nics, List.of(link("eth1", 7, true), link("eth2", 8, false))))
                .containsExactly(new LocalNic("eth1", 7, List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("fd00::/64"))));
    }

    @Test
    void invalidDeclaredNetworkIsIgnored() {
        var nic = new HostNic(
                "eth1", "10.0.0.0/16", "?", null, null, null, List.of("nonsense"), null, null, null, null, null, null);

        var declared = HostInterfaceModel.declared(new HostInterfaceSpec("node", List.of(nic)));

        List<LocalNic> usable = LocalNic.usable(declared, List.of(link("eth1", 7, true)));

        assertThat(usable.getFirst().networks()).containsExactly(Cidr.parse("10.0.0.0/16"));
        assertThat(usable.getFirst().reaches(IpAddress.parse("10.0.7.7"))).isTrue();
        assertThat(usable.getFirst().reaches(IpAddress.parse("10.1.7.7"))).isFalse();
    }
}
