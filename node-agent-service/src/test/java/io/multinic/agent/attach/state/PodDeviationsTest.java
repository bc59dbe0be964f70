package io.multinic.agent.attach.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.IpamRoute;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.state.Deviation.Repair;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NewLink.MacvlanMode;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class PodDeviationsTest {
    private static final PrefixedAddress ADDRESS = PrefixedAddress.parse("192.168.0.1/18");
    private static final PodInterface NET0 =
            new PodInterface("net1-0", "eth1", "mnv1", Cidr.parse("10.0.1.0/24"), List.of(ADDRESS));
    private static final Route PREFIX =
            Route.to(ADDRESS.network(), 2, NextHop.dev(7)).from(ADDRESS.address());
    private static final Route WANTED = Route.to(
            Cidr.parse("172.16.0.0/12"),
            4,
            NextHop.via(IpAddress.parse("192.168.0.9"), 7).onLinkGateway());
    private static final InterfaceAddress ASSIGNED = InterfaceAddress.of(7, ADDRESS);

    private static AttachmentPlan plan() {
        return new AttachmentPlan(
                new DriverConfig.Macvlan(MacvlanMode.BRIDGE, 0),
                List.of(),
                List.of(new IpamRoute(Cidr.parse("172.16.0.0/12"), IpAddress.parse("192.168.0.9"))),
                JsonNodeFactory.instance.objectNode());
    }

    static Link link(int index, String name, String kind, boolean up) {
        return new Link(index, name, kind, "", up ? 1 : 0, Link.OperState.UP, 1500, null, 0, 0, -1, 0, "", "");
    }

    private static List<Deviation> deviations(ObservedPod pod) {
        return PodDeviations.of(plan(), List.of(NET0), pod);
    }

    private static List<String> texts(ObservedPod pod) {
        return deviations(pod).stream().map(Deviation::text).toList();
    }

    @Test
    void podAsPlannedHasNone() {
        assertThat(texts(new ObservedPod(
                        List.of(link(7, "net1-0", "macvlan", true)), List.of(ASSIGNED), List.of(PREFIX, WANTED))))
                .isEmpty();
    }

    @Test
    void additionalObjectsAreNoDeviations() {
        var foreign = Route.to(Cidr.parse("0.0.0.0/0"), 3, NextHop.dev(2));
        assertThat(texts(new ObservedPod(
                        List.of(link(2, "eth0", "veth", true), link(7, "net1-0", "macvlan", true)),
                        List.of(InterfaceAddress.of(7, PrefixedAddress.parse("10.9.0.1/24")), ASSIGNED),
                        List.of(foreign, PREFIX, WANTED))))
                .isEmpty();
    }

    @Test
    void missingInterfaceIsCreatedBeforeItsRoutesAreCompared() {
        assertThat(deviations(new ObservedPod(List.of(), List.of(), List.of())))
                .containsExactly(new Deviation("interface net1-0 is missing", new Repair.Create(NET0)));
    }

    @Test
    void linkOfAnotherKindIsNotTouched() {
        var found = deviations(new ObservedPod(List.of(link(7, "net1-0", "veth", true)), List.of(), List.of()));
        assertThat(found).singleElement().satisfies(deviation -> {
            assertThat(deviation.text()).contains("net1-0", "veth", "macvlan");
            assertThat(deviation.repair()).isEqualTo(new Repair.Impossible());
        });
    }

    @Test
    void repairsAreOrderedFromTheLinkToTheRoutes() {
        var found = deviations(new ObservedPod(List.of(link(7, "net1-0", "macvlan", false)), List.of(), List.of()));
        assertThat(found)
                .extracting(Deviation::repair)
                .containsExactly(
                        new Repair.InPod(new Change.SetLinkUp(7, true)),
                        new Repair.InPod(new Change.ReplaceAddress(ASSIGNED)),
                        new Repair.InPod(new Change.ReplaceRoute(WANTED)));
    }

    @Test
    void routeOfTheKernelIsRestored() {
        assertThat(deviations(new ObservedPod(
                        List.of(link(7, "net1-0", "macvlan", true)), List.of(ASSIGNED), List.of(WANTED))))
                .extracting(Deviation::repair)
                .containsExactly(new Repair.InPod(new Change.ReplaceRoute(PREFIX)));
    }
}
