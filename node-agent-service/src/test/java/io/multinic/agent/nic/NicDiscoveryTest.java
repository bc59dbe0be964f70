package io.multinic.agent.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NicDiscoveryTest {
    private static final int UP = 0x1;
    private static final int LOWER_UP = 0x10000;
    private final NicDiscovery discovery = new NicDiscovery(NicExclusions.of(NicExclusions.COMMON));
    private final Host host = new Host();

    /// Builder of a snapshot that starts with a loopback and a management NIC with the default route.
    private static final class Host {
        private final List<Link> links = new ArrayList<>();
        private final List<InterfaceAddress> addresses = new ArrayList<>();
        private final List<Route> defaults = new ArrayList<>();
        private final Map<String, DeviceFacts> devices = new HashMap<>();

        Host() {
            link("lo", "", UP | LOWER_UP | 0x8, 0);
            address("127.0.0.1/8");
            link("eth0", "veth", UP | LOWER_UP, 0);
            address("172.16.0.5/16");
            defaultRoute("172.16.0.1", 2, 0);
        }

        Host link(String name, String kind, int flags, int master) {
            int index = links.size() + 1;
            links.add(new Link(
                    index,
                    name,
                    kind,
                    "",
                    flags,
                    Link.OperState.UP,
                    9000,
                    new HardwareAddress("02:00:00:00:00:" + String.format("%02x", index)),
                    master,
                    0,
                    -1,
                    0,
                    "",
                    ""));
            return this;
        }

        Host nic(String name) {
            return link(name, "", UP | LOWER_UP, 0);
        }

        Host address(String text, InterfaceAddress.Flag... flags) {
            addresses.add(new InterfaceAddress(links.size(), PrefixedAddress.parse(text), Set.of(flags)));
            return this;
        }

        Host defaultRoute(String via, int link, int priority) {
            IpAddress gateway = IpAddress.parse(via);
            Cidr all = Cidr.containing(gateway, 0);
            defaults.add(Route.to(all, 3, NextHop.via(gateway, link)).withPriority(priority));
            return this;
        }

        HostSnapshot snapshot() {
            return new HostSnapshot(links, addresses, defaults, devices);
        }
    }

    private List<String> names() {
        return discovery.discover(host.snapshot()).stream().map(NodeNic::name).toList();
    }

    @Test
    void dataNicsAreFoundInTheKernelsOrderWithoutTheManagementNic() {
        host.nic("eth2")
                .address("10.0.2.1/24")
                .link("eth1", "veth", UP | LOWER_UP, 0)
                .address("10.0.1.1/24");

        assertThat(names()).containsExactly("eth2", "eth1");
    }

    @Test
    void nicIsDescribedWithAllKnownFacts() {
        host.nic("eth1")
                .address("10.0.1.1/24")
                .address("10.0.9.1/24")
                .address("fd00::1/64")
                .address("fe80::1/64");
        host.devices.put("eth1", new DeviceFacts("0000:3b:00.0", "15b3", "101b", "mlx5_core", 1, 200_000));

        assertThat(discovery.discover(host.snapshot()))
                .containsExactly(new NodeNic(
                        "eth1",
                        Cidr.parse("10.0.1.0/24"),
                        IpAddress.parse("10.0.1.1"),
                        Stream.of("10.0.1.1/24", "10.0.9.1/24", "fd00::1/64")
                                .map(PrefixedAddress::parse)
                                .toList(),
                        true,
                        new HardwareAddress("02:00:00:00:00:03"),
                        9000,
                        new DeviceFacts("0000:3b:00.0", "15b3", "101b", "mlx5_core", 1, 200_000)));
    }

    static Stream<Arguments> excludedLinks() {
        return Stream.of(
                arguments("down by the administrator", "eth1", "", 0, 0),
                arguments("port of a bridge", "eth1", "", UP | LOWER_UP, 2),
                arguments("bridge", "br0", "bridge", UP | LOWER_UP, 0),
                arguments("macvlan of a pod", "foo", "macvlan", UP | LOWER_UP, 0),
                arguments("ipvlan of a pod", "foo", "ipvlan", UP | LOWER_UP, 0),
                arguments("tunnel", "foo", "vxlan", UP | LOWER_UP, 0),
                arguments("VPN", "wg0", "wireguard", UP | LOWER_UP, 0),
                arguments("as the original leaves out", "net1-0", "", UP | LOWER_UP, 0),
                arguments("our host end", "mnv0123456789a", "veth", UP | LOWER_UP, 0),
                arguments("Calico's", "cali123", "veth", UP | LOWER_UP, 0),
                arguments("Cilium's", "lxc123", "veth", UP | LOWER_UP, 0),
                arguments("Flannel's", "flannel.1", "vxlan", UP | LOWER_UP, 0),
                arguments("another pod's veth", "veth12ab", "veth", UP | LOWER_UP, 0),
                arguments("node-local DNS", "nodelocaldns", "dummy", UP | LOWER_UP, 0));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("excludedLinks")
    void linkThatIsNoNicIsExcluded(String why, String name, String kind, int flags, int master) {
        host.link(name, kind, flags, master).address("10.0.1.1/24");

        assertThat(names()).as(why).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fe80::1/64", "169.254.1.1/16", "127.0.0.2/8"})
    void addressThatOtherHostsCannotReachDoesNotCount(String address) {
        host.nic("eth1").address(address);

        assertThat(names()).isEmpty();
    }

    @Test
    void temporaryIpv6AddressIsExcluded() {
        host.nic("eth1")
                .address("fd00::abcd/64", InterfaceAddress.Flag.SECONDARY)
                .address("fd00::1/64");

        assertThat(discovery.discover(host.snapshot()).getFirst().addresses())
                .containsExactly(PrefixedAddress.parse("fd00::1/64"));
    }

    @Test
    void nicIsExcludedOnlyIfAllItsNetworksAreThatOfTheDefaultRoute() {
        host.nic("eth1")
                .address("172.16.0.6/16")
                .nic("eth2")
                .address("172.16.0.7/16")
                .address("10.0.2.1/24");

        List<NodeNic> found = discovery.discover(host.snapshot());

        assertThat(found).singleElement().extracting(NodeNic::name).isEqualTo("eth2");
        assertThat(found.getFirst().addresses()).containsExactly(PrefixedAddress.parse("10.0.2.1/24"));
    }

    @Test
    void onlyTheDefaultRouteInUseCounts() {
        host.nic("eth1").address("10.0.1.1/24").defaultRoute("10.0.1.254", 3, 100);
        host.defaultRoute("fe80::ff", 3, 1024);

        assertThat(names()).containsExactly("eth1");
    }

    @Test
    void allNicsCountWithoutADefaultRoute() {
        host.defaults.clear();
        host.nic("eth1").address("10.0.1.1/24");

        assertThat(names()).containsExactly("eth0", "eth1");
    }

    @Test
    void severalNicsInOneNetworkAreAllFound() {
        host.nic("eth1").address("10.0.1.1/24").nic("eth2").address("10.0.1.2/24");

        assertThat(names()).containsExactly("eth1", "eth2");
    }

    @Test
    void linkWithoutCarrierIsListedAsDown() {
        host.link("eth1", "", UP, 0).address("10.0.1.1/24");

        assertThat(discovery.discover(host.snapshot()))
                .singleElement()
                .extracting(NodeNic::linkUp)
                .isEqualTo(false);
    }

    @Test
    void nicWithOnlyIpv6IsFound() {
        host.nic("eth1").address("fd00:1::1/64");

        assertThat(discovery.discover(host.snapshot()))
                .singleElement()
                .extracting(NodeNic::network, NodeNic::hostAddress)
                .containsExactly(Cidr.parse("fd00:1::/64"), IpAddress.parse("fd00:1::1"));
    }

    @Test
    void bondHasTheHardwareOfItsPortsAndThePortsAreNoNics() {
        host.link("bond0", "bond", UP | LOWER_UP, 0).address("10.0.1.1/24");
        host.link("ens1", "", UP | LOWER_UP, 3).link("ens2", "", UP | LOWER_UP, 3);
        host.devices.put("bond0", new DeviceFacts(null, null, null, null, null, 50_000));
        host.devices.put("ens1", new DeviceFacts("0000:3b:00.0", "15b3", "1017", "mlx5_core", 1, 25_000));

        assertThat(discovery.discover(host.snapshot()))
                .singleElement()
                .extracting(NodeNic::name, NodeNic::device)
                .containsExactly("bond0", new DeviceFacts(null, "15b3", "1017", null, 1, 50_000));
    }

    @Test
    void memberOfAVrfIsANic() {
        host.link("vrf0", "vrf", UP | LOWER_UP, 0)
                .link("eth1", "", UP | LOWER_UP, 3)
                .address("10.0.1.1/24");

        assertThat(names()).containsExactly("eth1");
    }

    @Test
    void declaredNicIsCompletedAndNeverOverwritten() {
        host.nic("eth1").address("10.0.1.1/24");
        host.devices.put("eth1", new DeviceFacts("0000:3b:00.0", "15b3", "101b", "mlx5_core", 1, 200_000));
        NodeNic mine =
                declared("eth1", "10.0.0.0/16", "10.0.0.9", new DeviceFacts(null, "abcd", null, null, null, null));
        NodeNic unknown = declared("ib0", "10.7.0.0/16", "10.7.0.9", DeviceFacts.NONE);

        List<NodeNic> completed = discovery.complete(List.of(mine, unknown), host.snapshot());

        assertThat(completed.getFirst())
                .extracting(NodeNic::network, NodeNic::hostAddress, NodeNic::device, NodeNic::addresses)
                .containsExactly(
                        Cidr.parse("10.0.0.0/16"),
                        IpAddress.parse("10.0.0.9"),
                        new DeviceFacts("0000:3b:00.0", "abcd", "101b", "mlx5_core", 1, 200_000),
                        List.of(PrefixedAddress.parse("10.0.1.1/24")));
        assertThat(completed.getLast()).isEqualTo(unknown);
    }

    private static NodeNic declared(String name, String network, String hostAddress, DeviceFacts device) {
        return new NodeNic(name, Cidr.parse(network), IpAddress.parse(hostAddress), List.of(), true, null, 0, device);
    }
}
