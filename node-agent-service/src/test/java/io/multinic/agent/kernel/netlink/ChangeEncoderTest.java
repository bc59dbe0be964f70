package io.multinic.agent.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.FakeKernel;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The bytes are those that `ip` of iproute2 6.1 sent on x86-64, seen by `strace -e write=all`; sequence number and
/// NLM_F_ACK are left out, and the descriptor of the namespace is the fake's 0x64. nic0 was link 3, nic1 link 2.
final class ChangeEncoderTest {
    private static final NetworkNamespace POD = new FakeKernel().createNamespace();
    private static final HardwareAddress MAC = new HardwareAddress("02:12:34:56:78:9a");

    record Golden(String command, Change change, String message) {
        @Override
        public String toString() {
            return command;
        }
    }

    private static InterfaceAddress address(String text) {
        return InterfaceAddress.of(3, PrefixedAddress.parse(text));
    }

    private static NextHop via(String gateway) {
        return NextHop.via(IpAddress.parse(gateway), 3);
    }

    private static Route route(String destination, NextHop... hops) {
        return Route.to(Cidr.parse(destination), 201, hops);
    }

    static List<Golden> links() {
        return List.of(
                new Golden(
                        "link add link nic0 name net1-0 up netns pod mtu 1400 address 02:12:34:56:78:9a group 7"
                                + " type macvlan mode bridge",
                        new Change.AddLink(new NewLink.Macvlan(
                                3,
                                NewLink.MacvlanMode.BRIDGE,
                                LinkEnd.of("net1-0")
                                        .in(POD)
                                        .withMtu(1400)
                                        .withAddress(MAC)
                                        .withGroup(7))),
                        """
                        74000000 10000106 00000000 00000000 00000000 00000000 01000000 01000000 08001c00 64000000
                        08000400 78050000 0a000100 02123456 789a0000 08001b00 07000000 08000500 03000000 0b000300
                        6e657431 2d300000 1c001200 0b000100 6d616376 6c616e00 0c000200 08000100 04000000\
                        """),
                new Golden(
                        "link add name v0 up netns pod type veth peer name v1 mtu 1400 group 5",
                        new Change.AddLink(new NewLink.Veth(
                                LinkEnd.of("v0").in(POD),
                                LinkEnd.of("v1").withMtu(1400).withGroup(5).down())),
                        """
                        6c000000 10000106 00000000 00000000 00000000 00000000 01000000 01000000 08001c00 64000000
                        07000300 76300000 3c001200 08000100 76657468 30000200 2c000100 00000000 00000000 00000000
                        00000000 08000400 78050000 08001b00 05000000 07000300 76310000\
                        """),
                new Golden(
                        "link set dev nic1 mtu 1300",
                        new Change.SetLinkMtu(2, 1300),
                        "28000000 10000100 00000000 00000000 00000000 02000000 00000000 00000000 08000400 14050000"),
                new Golden("link set dev nic1 alias hello", new Change.SetLinkAlias(2, "hello"), """
                    2c000000 10000100 00000000 00000000 00000000 02000000 00000000 00000000 09001400 68656c6c
                    6f000000\
                    """),
                new Golden(
                        "link set dev nic1 group 3",
                        new Change.SetLinkGroup(2, 3),
                        "28000000 10000100 00000000 00000000 00000000 02000000 00000000 00000000 08001b00 03000000"),
                new Golden("link set dev nic1 address 02:12:34:56:78:9a", new Change.SetLinkAddress(2, MAC), """
                    2c000000 10000100 00000000 00000000 00000000 02000000 00000000 00000000 0a000100 02123456
                    789a0000\
                    """),
                new Golden(
                        "link set dev nic1 down",
                        new Change.SetLinkUp(2, false),
                        "20000000 10000100 00000000 00000000 00000000 02000000 00000000 01000000"),
                new Golden("link set dev nic1 name nicx", new Change.RenameLink(2, "nicx"), """
                    2c000000 10000100 00000000 00000000 00000000 02000000 00000000 00000000 09000300 6e696378
                    00000000\
                    """),
                new Golden("link property add dev nic1 altname net1", new Change.AddLinkName(2, "net1"), """
                        30000000 6c00010e 00000000 00000000 00000000 02000000 00000000 00000000 10003480 09003500
                        6e657431 00000000\
                        """),
                new Golden("link set dev nic1 netns pod name net1-1", new Change.MoveLink(2, POD, "net1-1"), """
                    34000000 10000100 00000000 00000000 00000000 02000000 00000000 00000000 08001c00 64000000
                    0b000300 6e657431 2d310000\
                    """),
                new Golden(
                        "link del nic0",
                        new Change.DeleteLink(3),
                        "20000000 11000100 00000000 00000000 00000000 03000000 00000000 00000000"),
                new Golden(
                        "ntable change name arp_cache dev nic0 proxy_delay 0",
                        new Change.SetProxyDelay(3, Duration.ZERO),
                        """
                        3c000000 43000101 00000000 00000000 00000000 0e000100 6172705f 63616368 65000000 18000600
                        08000100 03000000 0c000d00 00000000 00000000\
                        """));
    }

    static List<Golden> addressesAndNeighbours() {
        return List.of(
                new Golden(
                        "address add 10.0.0.1/24 dev nic0",
                        new Change.AddAddress(address("10.0.0.1/24")),
                        "28000000 14000106 00000000 00000000 02180000 03000000 08000200 0a000001 08000100 0a000001"),
                new Golden(
                        "-6 address replace fd00::1/64 dev nic0 nodad",
                        new Change.ReplaceAddress(address("fd00::1/64")),
                        """
                        40000000 14000105 00000000 00000000 0a400200 03000000 14000200 fd000000 00000000 00000000
                        00000001 14000100 fd000000 00000000 00000000 00000001\
                        """),
                new Golden(
                        "address add 10.0.0.5/24 dev nic0 noprefixroute",
                        new Change.AddAddress(address("10.0.0.5/24").withoutPrefixRoute()),
                        """
                        30000000 14000106 00000000 00000000 02180000 03000000 08000200 0a000005 08000800 00020000
                        08000100 0a000005\
                        """),
                new Golden(
                        "address del 10.0.0.5/24 dev nic0",
                        new Change.DeleteAddress(address("10.0.0.5/24")),
                        "28000000 15000100 00000000 00000000 02180000 03000000 08000200 0a000005 08000100 0a000005"),
                new Golden(
                        "neigh replace 10.0.0.9 lladdr 02:12:34:56:78:9a dev nic0 nud permanent",
                        new Change.ReplaceNeighbour(Neighbour.permanent(3, IpAddress.parse("10.0.0.9"), MAC)),
                        """
                        30000000 1c000105 00000000 00000000 02000000 03000000 80000000 08000100 0a000009 0a000200
                        02123456 789a0000\
                        """),
                new Golden(
                        "-6 neigh replace proxy fd00::9 dev nic0",
                        new Change.ReplaceNeighbour(Neighbour.proxy(3, IpAddress.parse("fd00::9"))),
                        """
                        30000000 1c000105 00000000 00000000 0a000000 03000000 80000800 14000100 fd000000 00000000
                        00000000 00000009\
                        """));
    }

    static List<Golden> routesAndRules() {
        return List.of(
                new Golden(
                        "route add 192.168.1.0/24 via 10.0.1.2 dev nic0 table 70001 proto 201",
                        new Change.AddRoute(
                                route("192.168.1.0/24", via("10.0.1.2")).inTable(70_001)),
                        """
                        3c000000 18000106 00000000 00000000 02180000 00c90001 00000000 08000100 c0a80100 08000500
                        0a000102 08000f00 71110100 08000400 03000000\
                        """),
                new Golden(
                        "route replace 192.168.2.0/24 dev nic0 table 100 metric 77 src 10.0.1.1 proto 201",
                        new Change.ReplaceRoute(route("192.168.2.0/24", NextHop.dev(3))
                                .inTable(100)
                                .withPriority(77)
                                .from(IpAddress.parse("10.0.1.1"))),
                        """
                        3c000000 18000105 00000000 00000000 02180000 64c9fd01 00000000 08000100 c0a80200 08000600
                        4d000000 08000700 0a000101 08000400 03000000\
                        """),
                new Golden(
                        "route del unicast 192.168.1.0/24 via 10.0.1.2 dev nic0 table 70001 proto 201",
                        new Change.DeleteRoute(
                                route("192.168.1.0/24", via("10.0.1.2")).inTable(70_001)),
                        """
                        3c000000 19000100 00000000 00000000 02180000 00c9ff01 00000000 08000100 c0a80100 08000500
                        0a000102 08000f00 71110100 08000400 03000000\
                        """),
                new Golden(
                        "route add 192.168.1.0/24 proto 201 nexthop via 10.0.1.2 dev nic0"
                                + " nexthop via 10.0.1.3 dev nic0 weight 3 onlink",
                        new Change.AddRoute(route(
                                "192.168.1.0/24",
                                via("10.0.1.2"),
                                via("10.0.1.3").withWeight(3).onLinkGateway())),
                        """
                        48000000 18000106 00000000 00000000 02180000 fec90001 00000000 08000100 c0a80100 24000900
                        10000000 03000000 08000500 0a000102 10000402 03000000 08000500 0a000103\
                        """),
                new Golden(
                        "route add unreachable 192.168.0.0/16 table 100 proto 201",
                        new Change.AddRoute(Route.unreachable(Cidr.parse("192.168.0.0/16"), 201)
                                .inTable(100)),
                        "24000000 18000106 00000000 00000000 02100000 64c90007 00000000 08000100 c0a80000"),
                new Golden(
                        "route add 192.168.9.0/24 via 172.31.0.1 dev nic0 onlink proto 201",
                        new Change.AddRoute(
                                route("192.168.9.0/24", via("172.31.0.1").onLinkGateway())),
                        """
                        34000000 18000106 00000000 00000000 02180000 fec90001 04000000 08000100 c0a80900 08000500
                        ac1f0001 08000400 03000000\
                        """),
                new Golden(
                        "route add 192.168.7.0/24 via inet6 fe80::1 dev nic0 proto 201",
                        new Change.AddRoute(route("192.168.7.0/24", via("fe80::1"))),
                        """
                        44000000 18000106 00000000 00000000 02180000 fec90001 00000000 08000100 c0a80700 16001200
                        0a00fe80 00000000 00000000 00000000 00010000 08000400 03000000\
                        """),
                new Golden(
                        "-6 route add fd99::/64 via fe80::1 dev nic0 table 70001 metric 1024 proto 201",
                        new Change.AddRoute(route("fd99::/64", via("fe80::1")).inTable(70_001)),
                        """
                        5c000000 18000106 00000000 00000000 0a400000 00c90001 00000000 14000100 fd990000 00000000
                        00000000 00000000 14000500 fe800000 00000000 00000000 00000001 08000f00 71110100 08000600
                        00040000 08000400 03000000\
                        """),
                new Golden(
                        "rule add from 10.0.0.0/24 to 192.168.0.0/16 table 70001 pref 2000 protocol 201",
                        new Change.AddRule(new Rule(
                                IpFamily.IPV4,
                                2000,
                                Cidr.parse("10.0.0.0/24"),
                                Cidr.parse("192.168.0.0/16"),
                                70_001,
                                201)),
                        """
                        44000000 20000106 00000000 00000000 02101800 00000001 00000000 08000200 0a000000 08000100
                        c0a80000 08000f00 71110100 08000600 d0070000 05001500 c9000000\
                        """),
                new Golden(
                        "-6 rule add to fd00::/48 table 100 pref 2000 protocol 201",
                        new Change.AddRule(Rule.to(Cidr.parse("fd00::/48"), 100, 2000, 201)),
                        """
                        40000000 20000106 00000000 00000000 0a300000 64000001 00000000 14000100 fd000000 00000000
                        00000000 00000000 08000600 d0070000 05001500 c9000000\
                        """));
    }

    @ParameterizedTest
    @MethodSource({"links", "addressesAndNeighbours", "routesAndRules"})
    void changeIsEncodedAsIpDoes(Golden golden) {
        assertThat(hex(ChangeEncoder.encode(golden.change))).isEqualTo(golden.message.replaceAll("\\s", ""));
    }

    /// `ip` has no command for this change; the layout is that of inet_validate_link_af in net/ipv4/devinet.c.
    @ParameterizedTest
    @MethodSource("settings")
    void ipv4SettingsAreEncodedInThreeNestedAttributes(Change.SetIpv4 change, String attributes) {
        assertThat(hex(ChangeEncoder.encode(change)))
                .endsWith(attributes.replace(" ", ""))
                .hasSize(2 * (32 + attributes.replace(" ", "").length() / 2));
    }

    static List<Arguments> settings() {
        return List.of(Arguments.of(
                new Change.SetIpv4(3, Map.of(Ipv4Setting.PROXY_ARP, 1, Ipv4Setting.RP_FILTER, 2)),
                "1c001a00 18000200 14000100 08000300 01000000 08000800 02000000"));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
