package io.multinic.agent.attach.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostDeviationsTest {
    private static final int TABLE = 13_900;
    private static final HardwareAddress HARDWARE = new HardwareAddress("02:00:00:00:00:01");
    private static final PodInterface NET0 = new PodInterface(
            "net1-0", "eth1", "mnv1", Cidr.parse("10.0.1.0/24"), List.of(PrefixedAddress.parse("192.168.0.1/18")));
    private static final Map<Ipv4Setting, Integer> FORWARDING = Map.of(Ipv4Setting.FORWARDING, 1);
    private static final Neighbour NEIGHBOUR = Neighbour.permanent(9, IpAddress.parse("192.168.0.1"), HARDWARE);

    private static final ObservedPod POD = new ObservedPod(
            List.of(new Link(7, "net1-0", "veth", "", 1, Link.OperState.UP, 1500, HARDWARE, 0, 9, 0, 0, "", "")),
            List.of(),
            List.of());

    private static Link nic() {
        return PodDeviationsTest.link(3, "eth1", "", true);
    }

    private static Link hostEnd(boolean up) {
        return PodDeviationsTest.link(9, "mnv1", "veth", up);
    }

    private static ObservedHost host(
            List<Link> links, Set<Route> routes, Map<Integer, Map<Ipv4Setting, Integer>> settings) {
        return new ObservedHost(links, List.of(), routes, settings, Set.of(NEIGHBOUR), true);
    }

    private static Set<Route> routes() {
        return Set.copyOf(HostDeviations.routes(NET0, 9, TABLE));
    }

    private static List<String> texts(ObservedHost host) {
        return HostDeviations.of(TABLE, List.of(NET0), host, POD).stream()
                .map(Deviation::text)
                .toList();
    }

    @Test
    void hostAsDesiredHasNone() {
        assertThat(texts(host(
                        List.of(nic(), hostEnd(true)), routes(), Map.of(3, FORWARDING, 9, HostDeviations.SETTINGS))))
                .isEmpty();
    }

    @Test
    void everyDifferenceNamesItsObject() {
        var host = new ObservedHost(List.of(nic(), hostEnd(false)), List.of(), Set.of(), Map.of(), Set.of(), true);
        assertThat(texts(host))
                .anySatisfy(text -> assertThat(text).contains("NIC eth1 does not forward"))
                .anySatisfy(text -> assertThat(text).contains("mnv1", "is down"))
                .anySatisfy(text -> assertThat(text).contains("mnv1", "PROXY_ARP=1"))
                .anySatisfy(text -> assertThat(text).contains("the host lacks route 192.168.0.1/32"))
                .anySatisfy(text -> assertThat(text).contains("the host lacks 192.168.0.1", HARDWARE.text()))
                .hasSize(5);
    }

    @Test
    void missingNicAndHostEndAreReported() {
        assertThat(texts(host(List.of(), routes(), Map.of())))
                .containsExactly("NIC eth1 is missing; bring it back", "host end mnv1 of net1-0 is missing");
    }

    @Test
    void missingPairIsLeftToTheComparisonOfThePod() {
        var pod = new ObservedPod(List.of(), List.of(), List.of());
        assertThat(HostDeviations.of(TABLE, List.of(NET0), host(List.of(), Set.of(), Map.of()), pod))
                .isEmpty();
    }
}
