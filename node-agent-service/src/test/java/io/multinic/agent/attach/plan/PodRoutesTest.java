package io.multinic.agent.attach.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.plan.PodRoutes.Placed;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PodRoutesTest {
    private static final Placed NET0 = placed(7, "10.0.1.0/24", "192.168.0.1/18", "fd10::1/50");
    private static final Placed NET1 = placed(8, "10.0.2.0/24", "192.168.64.1/18", "fd10:0:0:4000::1/50");

    private static Placed placed(int link, String nicNet, String... addresses) {
        return new Placed(
                new PodInterface(
                        "net1-" + (link - 7),
                        "eth" + (link - 6),
                        "mnv",
                        Cidr.parse(nicNet),
                        Stream.of(addresses).map(PrefixedAddress::parse).toList()),
                link);
    }

    private static IpamRoute route(String dst, String gw) {
        return new IpamRoute(Cidr.parse(dst), gw.isEmpty() ? null : IpAddress.parse(gw));
    }

    private static List<String> routes(boolean veth, List<Placed> interfaces, IpamRoute... wanted) {
        return new PodRoutes(veth, interfaces)
                .routes(List.of(wanted)).stream().map(Route::toString).toList();
    }

    @Test
    void childLinkNeedsNoRoutes() {
        assertThat(routes(false, List.of(NET0, NET1))).isEmpty();
    }

    @Test
    void routedVethRoutesTheIpv6BlockThroughTheHostEnd() {
        assertThat(routes(true, List.of(NET0, NET1)))
                .containsExactly(
                        "fd10::/50 via fe80::1 dev 7 table 254 proto 4 metric 1024",
                        "fd10:0:0:4000::/50 via fe80::1 dev 8 table 254 proto 4 metric 1024");
    }

    @Test
    void gatewayIsReachedThroughTheInterfaceWhoseNetworkContainsIt() {
        assertThat(routes(
                        false,
                        List.of(NET0, NET1),
                        route("172.16.0.0/12", "192.168.64.9"),
                        route("172.0.0.0/12", "10.0.1.254")))
                .containsExactly(
                        "172.16.0.0/12 via 192.168.64.9 dev 8 onlink table 254 proto 4",
                        "172.0.0.0/12 via 10.0.1.254 dev 7 onlink table 254 proto 4");
    }

    @Test
    void oneDestinationWithSeveralGatewaysIsOneMultipathRoute() {
        assertThat(routes(
                        false,
                        List.of(NET0, NET1),
                        route("172.16.0.0/12", "192.168.0.9"),
                        route("172.16.0.0/12", "192.168.64.9")))
                .containsExactly("172.16.0.0/12 via 192.168.0.9 dev 7 onlink via 192.168.64.9 dev 8 onlink table 254"
                        + " proto 4");
    }

    @Test
    void gatewayOnANicThatThePodDoesNotHaveIsIgnored() {
        assertThat(routes(false, List.of(NET0), route("172.16.0.0/12", "192.168.64.9")))
                .isEmpty();
    }

    @Test
    void destinationWithoutGatewayIsOnEveryLink() {
        assertThat(routes(false, List.of(NET0, NET1), route("172.16.0.0/12", "")))
                .containsExactly("172.16.0.0/12 dev 7 dev 8 table 254 proto 4");
    }

    @Test
    void ipv6RoutesBehindARoutedVethUseTheHostEnd() {
        assertThat(routes(true, List.of(NET0), route("fd99::/32", "fd10::99"), route("fd98::/32", "")))
                .endsWith(
                        "fd99::/32 via fe80::1 dev 7 table 254 proto 4 metric 1024",
                        "fd98::/32 via fe80::1 dev 7 table 254 proto 4 metric 1024");
    }
}
