package io.multinic.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Contract test of the kernel port, run by the fake and the real kernel in namespaces of its own.
public abstract class KernelContract {
    private static final int OURS = 201;
    private static final int TABLE = 70_001;
    private static final HardwareAddress MAC = new HardwareAddress("02:12:34:56:78:9a");

    protected abstract Kernel kernel();

    private Kernel kernel;
    private NetworkNamespace hostNamespace;
    private NetworkNamespace podNamespace;
    private NetworkStack host;
    private NetworkStack pod;

    @BeforeEach
    void makeNamespaces() {
        kernel = kernel();
        hostNamespace = kernel.createNamespace();
        podNamespace = kernel.createNamespace();
        host = kernel.open(hostNamespace);
        pod = kernel.open(podNamespace);
    }

    @AfterEach
    void closeNamespaces() {
        List.of(host, pod).forEach(NetworkStack::close);
        List.of(hostNamespace, podNamespace).forEach(NetworkNamespace::close);
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text);
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    private static InterfaceAddress address(int index, String text) {
        return InterfaceAddress.of(index, PrefixedAddress.parse(text));
    }

    /// A veth with both ends in the host namespace; its first end is used as the NIC.
    private Link nic() {
        host.apply(new Change.AddLink(
                new NewLink.Veth(LinkEnd.of("nic0"), LinkEnd.of("wire0").down())));
        int wire = host.link("nic0").orElseThrow().parentIndex();
        host.apply(new Change.SetLinkUp(wire, true));
        return host.link("nic0").orElseThrow();
    }

    private Link macvlan(String name) {
        Link parent = host.link("nic0").orElseGet(this::nic);
        var end = LinkEnd.of(name).in(podNamespace);
        host.apply(new Change.AddLink(new NewLink.Macvlan(parent.index(), NewLink.MacvlanMode.BRIDGE, end)));
        return pod.link(name).orElseThrow();
    }

    private static KernelException failure(Runnable change) {
        return catchThrowableOfType(KernelException.class, change::run);
    }

    @Test
    void newNamespaceHasOnlyALoopbackThatIsDown() {
        assertThat(host.links()).singleElement().satisfies(lo -> {
            assertThat(lo.name()).isEqualTo("lo");
            assertThat(lo.loopback()).isTrue();
            assertThat(lo.up()).isFalse();
            assertThat(lo.kind()).isEmpty();
        });
        assertThat(host.addresses()).isEmpty();
        assertThat(host.routes(RouteFilter.all(IpFamily.IPV4))).isEmpty();
    }

    @Test
    void namespacesHaveDifferentIdentities() {
        try (var again = kernel.ownNamespace();
                var own = kernel.ownNamespace()) {
            assertThat(again.id()).isEqualTo(own.id()).isNotEqualTo(hostNamespace.id());
            assertThat(hostNamespace.id()).isNotEqualTo(podNamespace.id());
        }
    }

    @Test
    void missingNamespaceIsACallersError() {
        assertThatThrownBy(() -> kernel.openNamespace(Path.of("/run/netns/nothing-there")))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NETNS_UNUSABLE))
                .hasMessageContaining("/run/netns/nothing-there");
    }

    @Test
    void closedHandleAndClosedStackRefuseCalls() {
        NetworkNamespace namespace = kernel.createNamespace();
        NetworkStack stack = kernel.open(namespace);
        namespace.close();
        assertThat(stack.links()).as("the stack outlives the handle").hasSize(1);
        stack.close();
        stack.close();
        namespace.close();
        assertThatIllegalStateException().isThrownBy(namespace::descriptor);
        assertThatIllegalStateException().isThrownBy(stack::links);
    }

    @Test
    void macvlanIsCreatedInThePodAsRequested() {
        Link nic = nic();
        var end = LinkEnd.of("net1-0")
                .in(podNamespace)
                .withMtu(1400)
                .withAddress(MAC)
                .withGroup(7);

        host.apply(new Change.AddLink(new NewLink.Macvlan(nic.index(), NewLink.MacvlanMode.BRIDGE, end)));

        assertThat(host.link("net1-0")).isEmpty();
        assertThat(pod.link("net1-0")).hasValueSatisfying(link -> {
            assertThat(link.kind()).isEqualTo("macvlan");
            assertThat(link.mode()).isEqualTo("bridge");
            assertThat(link.up()).isTrue();
            assertThat(link.mtu()).isEqualTo(1400);
            assertThat(link.address()).isEqualTo(MAC);
            assertThat(link.group()).isEqualTo(7);
            assertThat(link.parentIndex()).isEqualTo(nic.index());
            assertThat(link.parentNamespaceId()).isNotNegative();
            assertThat(pod.link(link.index()).map(Link::name)).contains("net1-0");
        });
    }

    @Test
    void endsOfAVethInTwoNamespacesKnowEachOthersIndex() {
        host.apply(new Change.AddLink(new NewLink.Veth(
                LinkEnd.of("net1-0").in(podNamespace).withAddress(MAC).withMtu(9000),
                LinkEnd.of("mnic123").withMtu(9000).withGroup(5).down())));

        Link inner = pod.link("net1-0").orElseThrow();
        assertThat(inner.up()).isTrue();
        assertThat(inner.lowerUp()).isFalse();
        assertThat(inner.address()).isEqualTo(MAC);
        host.apply(new Change.SetLinkUp(inner.parentIndex(), true));

        Link outer = host.link("mnic123").orElseThrow();
        inner = pod.link("net1-0").orElseThrow();
        assertThat(outer.kind()).isEqualTo("veth");
        assertThat(outer.group()).isEqualTo(5);
        assertThat(outer.parentIndex()).isEqualTo(inner.index());
        assertThat(inner.parentIndex()).isEqualTo(outer.index());
        assertThat(List.of(inner, outer))
                .allMatch(Link::up)
                .allMatch(Link::lowerUp)
                .allMatch(l -> l.mtu() == 9000);
    }

    @Test
    void linkNameIsUniqueInItsNamespace() {
        macvlan("net1-0");
        assertThat(failure(() -> macvlan("net1-0")))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
                .hasMessageContaining("cannot add macvlan net1-0: EEXIST");
    }

    @Test
    void linkOnAMissingParentIsRefused() {
        var link = new NewLink.Macvlan(4711, NewLink.MacvlanMode.BRIDGE, LinkEnd.of("net1-0"));
        assertThat(failure(() -> host.apply(new Change.AddLink(link))).errno()).isEqualTo(Errno.ENODEV);
    }

    @Test
    void missingLinksAreAbsentOrRefused() {
        assertThat(host.link("nothing")).isEmpty();
        assertThat(host.link(4711)).isEmpty();
        assertThat(failure(() -> host.apply(new Change.DeleteLink(4711))).errno())
                .isEqualTo(Errno.ENODEV);
        assertThat(failure(() -> host.apply(new Change.SetLinkUp(4711, true))).errno())
                .isEqualTo(Errno.ENODEV);
        assertThat(failure(() -> host.ipv4Settings(4711)).errno()).isEqualTo(Errno.ENODEV);
    }

    @Test
    void deletingTheParentDeletesItsLinks() {
        macvlan("net1-0");
        host.apply(new Change.DeleteLink(host.link("nic0").orElseThrow().index()));
        assertThat(pod.links()).hasSize(1);
        assertThat(host.links()).as("the other end of the veth goes too").hasSize(1);
    }

    @Test
    void linksAreDeletedTogetherAndMissingOnesAreIgnored() {
        int first = macvlan("net1-0").index();
        int second = macvlan("net1-1").index();
        int kept = macvlan("net2-0").index();

        pod.deleteLinks(List.of(first, 4711, second));
        assertThat(pod.links()).extracting(Link::name).containsExactlyInAnyOrder("lo", "net2-0");

        pod.deleteLinks(List.of(first, second));
        pod.deleteLinks(List.of(kept));
        pod.deleteLinks(List.of(kept));
        pod.deleteLinks(List.of());
        assertThat(pod.links()).hasSize(1);
    }

    @Test
    void linkAttributesAreChanged() {
        int index = nic().index();
        host.apply(
                new Change.SetLinkUp(index, false),
                new Change.RenameLink(index, "renamed"),
                new Change.SetLinkMtu(index, 1300),
                new Change.SetLinkAddress(index, MAC),
                new Change.SetLinkAlias(index, "pod default/a"),
                new Change.SetLinkGroup(index, 3));
        assertThat(host.link(index)).hasValueSatisfying(link -> {
            assertThat(link.name()).isEqualTo("renamed");
            assertThat(link.up()).isFalse();
            assertThat(link.mtu()).isEqualTo(1300);
            assertThat(link.address()).isEqualTo(MAC);
            assertThat(link.alias()).isEqualTo("pod default/a");
            assertThat(link.group()).isEqualTo(3);
        });
    }

    @Test
    void movedLinkArrivesDownUnderItsNewNameAndMovesBack() {
        int index = nic().index();
        host.apply(new Change.AddAddress(address(index, "10.0.0.1/24")));

        host.apply(new Change.MoveLink(index, podNamespace, "net1-0"));
        assertThat(host.link("nic0")).isEmpty();
        Link moved = pod.link("net1-0").orElseThrow();
        assertThat(moved.up()).isFalse();
        assertThat(pod.addresses()).isEmpty();

        pod.apply(new Change.MoveLink(moved.index(), hostNamespace, "nic0"));
        assertThat(host.link("nic0")).isPresent();
        assertThat(pod.links()).hasSize(1);
    }

    @Test
    void addressesAreAddedReplacedAndDeleted() {
        int index = nic().index();
        var one = address(index, "10.0.0.1/24");
        var two = address(index, "fd00::1/64");
        host.apply(new Change.AddAddress(one), new Change.AddAddress(two));
        assertThat(host.addresses())
                .filteredOn(found -> !found.address().toString().startsWith("fe80"))
                .hasSize(2)
                .anyMatch(one::sameAs)
                .anySatisfy(found -> {
                    assertThat(found.sameAs(two)).isTrue();
                    assertThat(found.flags())
                            .contains(InterfaceAddress.Flag.NO_DAD)
                            .doesNotContain(InterfaceAddress.Flag.TENTATIVE);
                });

        assertThat(failure(() -> host.apply(new Change.AddAddress(one))).errno())
                .isEqualTo(Errno.EEXIST);
        host.apply(new Change.ReplaceAddress(one), new Change.ReplaceAddress(two));
        host.apply(new Change.DeleteAddress(one), new Change.DeleteAddress(two));
        assertThat(failure(() -> host.apply(new Change.DeleteAddress(one))).errno())
                .isEqualTo(Errno.EADDRNOTAVAIL);
        assertThat(failure(() -> host.apply(new Change.AddAddress(address(4711, "10.0.0.1/24"))))
                        .errno())
                .isEqualTo(Errno.ENODEV);
    }

    @Test
    void addressAddsTheRouteToItsNetworkUnlessDisabled() {
        int index = nic().index();
        var main = RouteFilter.all(IpFamily.IPV4).table(Route.MAIN_TABLE);
        var expected = Route.to(cidr("10.0.0.0/24"), 2, NextHop.dev(index)).from(ip("10.0.0.1"));

        host.apply(new Change.AddAddress(address(index, "10.0.0.1/24")));
        assertThat(host.routes(main)).containsExactly(expected);

        host.apply(new Change.DeleteAddress(address(index, "10.0.0.1/24")));
        assertThat(host.routes(main)).isEmpty();

        host.apply(new Change.AddAddress(address(index, "10.0.0.1/24").withoutPrefixRoute()));
        assertThat(host.routes(main)).isEmpty();
    }

    record RouteCase(String name, Route route) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// A route for link 2 (10.0.0.1/24, fd00::1/64) and link 3 (10.0.1.1/24, fd01::1/64).
    static List<RouteCase> routes() {
        var via = NextHop.via(ip("10.0.0.2"), 2);
        var via6 = NextHop.via(ip("fd00::2"), 2);
        return List.of(
                new RouteCase("gateway", Route.to(cidr("192.168.1.0/24"), OURS, via)),
                new RouteCase("link", Route.to(cidr("192.168.1.0/24"), OURS, NextHop.dev(2))),
                new RouteCase("default", Route.to(cidr("0.0.0.0/0"), OURS, via)),
                new RouteCase("host", Route.to(cidr("192.168.1.7/32"), OURS, NextHop.dev(2))),
                new RouteCase(
                        "on-link gateway",
                        Route.to(
                                cidr("192.168.1.0/24"),
                                OURS,
                                NextHop.via(ip("172.31.0.1"), 2).onLinkGateway())),
                new RouteCase(
                        "metric", Route.to(cidr("192.168.1.0/24"), OURS, via).withPriority(77)),
                new RouteCase(
                        "source", Route.to(cidr("192.168.1.0/24"), OURS, via).from(ip("10.0.0.1"))),
                new RouteCase(
                        "multipath",
                        Route.to(
                                cidr("192.168.1.0/24"),
                                OURS,
                                via,
                                NextHop.via(ip("10.0.1.2"), 3).withWeight(3))),
                new RouteCase("unreachable", Route.unreachable(cidr("192.168.0.0/16"), OURS)),
                new RouteCase("throw", Route.elsewhere(cidr("192.168.0.7/32"), OURS)),
                new RouteCase("IPv6 gateway", Route.to(cidr("fd99::/64"), OURS, via6)),
                new RouteCase("IPv6 link", Route.to(cidr("fd99::/64"), OURS, NextHop.dev(2))),
                new RouteCase(
                        "IPv6 metric", Route.to(cidr("fd99::/64"), OURS, via6).withPriority(77)),
                new RouteCase(
                        "IPv6 multipath",
                        Route.to(
                                cidr("fd99::/64"),
                                OURS,
                                via6,
                                NextHop.via(ip("fd01::2"), 3).withWeight(3))),
                new RouteCase("IPv6 unreachable", Route.unreachable(cidr("fd99::/32"), OURS)),
                new RouteCase("IPv6 throw", Route.elsewhere(cidr("fd99::7/128"), OURS)),
                new RouteCase("IPv4 by IPv6 gateway", Route.to(cidr("192.168.1.0/24"), OURS, via6)));
    }

    private void twoNics() {
        host.apply(new Change.AddLink(
                new NewLink.Veth(LinkEnd.of("nic0"), LinkEnd.of("nic1").down())));
        assertThat(host.links()).extracting(Link::index).containsExactly(1, 2, 3);
        host.apply(
                new Change.SetLinkUp(2, true),
                new Change.SetLinkUp(3, true),
                new Change.AddAddress(address(2, "10.0.0.1/24")),
                new Change.AddAddress(address(2, "fd00::1/64")),
                new Change.AddAddress(address(3, "10.0.1.1/24")),
                new Change.AddAddress(address(3, "fd01::1/64")));
    }

    @ParameterizedTest
    @MethodSource("routes")
    void routeIsReadAsItWasWritten(RouteCase given) {
        twoNics();
        Route route = given.route.inTable(TABLE);
        var filter = RouteFilter.all(route.destination().family()).table(TABLE);
        assertThat(host.routes(filter)).as("a table that does not exist").isEmpty();

        host.apply(new Change.AddRoute(route));
        assertThat(host.routes(filter)).containsExactly(route);

        assertThat(failure(() -> host.apply(new Change.AddRoute(route))).errno())
                .isEqualTo(Errno.EEXIST);
        host.apply(new Change.ReplaceRoute(route));
        assertThat(host.routes(filter)).containsExactly(route);

        host.apply(new Change.DeleteRoute(route));
        assertThat(host.routes(filter)).isEmpty();
        assertThat(failure(() -> host.apply(new Change.DeleteRoute(route))).errno())
                .isEqualTo(Errno.ESRCH);
    }

    @Test
    void replacingARouteLeavesOneWithTheNewNextHop() {
        twoNics();
        for (var family : IpFamily.values()) {
            boolean ipv4 = family == IpFamily.IPV4;
            Cidr destination = cidr(ipv4 ? "192.168.1.0/24" : "fd99::/64");
            var old = Route.to(destination, OURS, NextHop.via(ip(ipv4 ? "10.0.0.2" : "fd00::2"), 2))
                    .inTable(TABLE);
            var wanted = Route.to(destination, OURS, NextHop.via(ip(ipv4 ? "10.0.1.2" : "fd01::2"), 3))
                    .inTable(TABLE);
            host.apply(new Change.ReplaceRoute(old), new Change.ReplaceRoute(wanted));
            assertThat(host.routes(RouteFilter.all(family).table(TABLE))).containsExactly(wanted);
        }
    }

    @Test
    void routesAreListedByTableProtocolAndLink() {
        twoNics();
        var ours = Route.to(cidr("192.168.1.0/24"), OURS, NextHop.dev(2)).inTable(TABLE);
        var others = Route.to(cidr("192.168.2.0/24"), 4, NextHop.dev(3)).inTable(TABLE);
        var elsewhere = Route.to(cidr("192.168.3.0/24"), OURS, NextHop.dev(3)).inTable(TABLE + 1);
        host.apply(new Change.AddRoute(ours), new Change.AddRoute(others), new Change.AddRoute(elsewhere));

        var all = RouteFilter.all(IpFamily.IPV4);
        assertThat(host.routes(all.table(TABLE))).containsExactlyInAnyOrder(ours, others);
        assertThat(host.routes(all.protocol(OURS))).containsExactlyInAnyOrder(ours, elsewhere);
        assertThat(host.routes(all.table(TABLE).protocol(OURS))).containsExactly(ours);
        assertThat(host.routes(all.table(TABLE).link(3))).containsExactly(others);
        assertThat(host.routes(all)).contains(ours, others, elsewhere);
        assertThat(host.routes(RouteFilter.all(IpFamily.IPV6).table(TABLE))).isEmpty();
    }

    @Test
    void gatewayThatIsNoNeighbourIsRefusedWithTheKernelsMessage() {
        twoNics();
        var route = Route.to(cidr("192.168.1.0/24"), OURS, NextHop.via(ip("172.31.0.1"), 2));
        assertThat(failure(() -> host.apply(new Change.AddRoute(route))))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENETUNREACH))
                .hasMessageContaining("192.168.1.0/24 via 172.31.0.1 dev 2")
                .hasMessageContaining("Nexthop has invalid gateway");
    }

    @Test
    void routesAreDeletedWithTheirLink() {
        twoNics();
        host.apply(new Change.AddRoute(
                Route.to(cidr("192.168.1.0/24"), OURS, NextHop.dev(2)).inTable(TABLE)));
        host.apply(new Change.SetLinkUp(2, false));
        assertThat(host.routes(RouteFilter.all(IpFamily.IPV4).table(TABLE))).isEmpty();
    }

    @Test
    void rulesAreListedByPriorityAndDistinguished() {
        var to = Rule.to(cidr("192.168.0.0/16"), TABLE, 2000, OURS);
        var from = Rule.from(cidr("10.0.0.1/32"), 100, 1000, OURS);
        var everything = new Rule(IpFamily.IPV4, 3000, null, null, TABLE, OURS);
        var ipv6 = Rule.to(cidr("fd00::/48"), TABLE, 2000, OURS);
        host.apply(
                new Change.AddRule(to),
                new Change.AddRule(from),
                new Change.AddRule(everything),
                new Change.AddRule(ipv6));

        assertThat(host.rules(IpFamily.IPV4))
                .filteredOn(rule -> rule.protocol() == OURS)
                .containsExactly(from, to, everything);
        assertThat(host.rules(IpFamily.IPV6))
                .filteredOn(rule -> rule.protocol() == OURS)
                .containsExactly(ipv6);
        assertThat(host.rules(IpFamily.IPV4)).extracting(Rule::table).contains(Route.MAIN_TABLE);

        assertThat(failure(() -> host.apply(new Change.AddRule(to))).errno()).isEqualTo(Errno.EEXIST);
        host.apply(new Change.DeleteRule(to), new Change.DeleteRule(ipv6));
        assertThat(failure(() -> host.apply(new Change.DeleteRule(to))).errno()).isEqualTo(Errno.ENOENT);
        assertThat(host.rules(IpFamily.IPV4)).contains(from, everything).doesNotContain(to);
    }

    @Test
    void failureInABatchNamesItsChangeAndDoesNotStopTheOthers() {
        int index = nic().index();
        var first = new Change.AddAddress(address(index, "10.0.0.1/24"));
        var broken = new Change.SetLinkUp(4711, true);
        var alsoBroken = new Change.DeleteLink(4712);
        var last = new Change.AddAddress(address(index, "10.0.0.2/24"));

        assertThat(host.attempt(List.of(first, broken, last, alsoBroken)))
                .extracting(Outcome::done)
                .containsExactly(true, false, true, false);
        assertThat(host.addresses()).anyMatch(first.address()::sameAs).anyMatch(last.address()::sameAs);

        assertThat(failure(() -> host.apply(alsoBroken, broken)))
                .hasMessageContaining("cannot delete link 4712: ENODEV")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(host.attempt(List.of())).isEmpty();
    }

    @Test
    void thousandRoutesAreAddedAndDeletedInOneBatchEach() {
        twoNics();
        var routes = new java.util.ArrayList<Route>();
        for (int i = 0; i < 1000; i++) {
            var destination = new Cidr(ip("172.16.0.0").plus(i, 8), 24);
            routes.add(
                    Route.to(destination, OURS, NextHop.via(ip("10.0.0.2"), 2)).inTable(TABLE));
        }
        host.apply(routes.stream().map(Change.AddRoute::new).toList());
        assertThat(host.routes(RouteFilter.all(IpFamily.IPV4).table(TABLE))).containsExactlyElementsOf(routes);
        assertThat(host.attempt(routes.stream().map(Change.AddRoute::new).toList()))
                .as("a thousand errors")
                .noneMatch(Outcome::done);
        host.apply(routes.stream().map(Change.DeleteRoute::new).toList());
        assertThat(host.routes(RouteFilter.all(IpFamily.IPV4).table(TABLE))).isEmpty();
    }

    @Test
    void ipv4SettingsOfALinkAreSetAndRead() {
        int index = nic().index();
        host.apply(
                new Change.SetIpv4(
                        index,
                        Map.of(
                                Ipv4Setting.PROXY_ARP, 1,
                                Ipv4Setting.FORWARDING, 1,
                                Ipv4Setting.RP_FILTER, 2,
                                Ipv4Setting.ARP_IGNORE, 1)),
                new Change.SetProxyDelay(index, Duration.ZERO));
        assertThat(host.ipv4Settings(index))
                .containsEntry(Ipv4Setting.PROXY_ARP, 1)
                .containsEntry(Ipv4Setting.FORWARDING, 1)
                .containsEntry(Ipv4Setting.RP_FILTER, 2)
                .containsEntry(Ipv4Setting.ARP_IGNORE, 1)
                .containsEntry(Ipv4Setting.ARP_ANNOUNCE, 0);
    }

    @Test
    void onlyExistingSysctlsAreSet() {
        podNamespace.setSysctl("net/ipv4/ip_forward", "0");
        podNamespace.setExistingSysctls(Map.of("net/ipv4/no_such_thing", "1", "net/ipv4/ip_forward", "1"));
        assertThat(podNamespace.sysctl("net/ipv4/ip_forward")).isEqualTo("1");
        assertThatThrownBy(() -> podNamespace.sysctl("net/ipv4/no_such_thing")).isInstanceOf(MultiNicException.class);
    }

    @Test
    void sysctlsBelongToTheNamespace() {
        hostNamespace.setSysctl("net/ipv4/ip_forward", "1");
        podNamespace.setSysctl("net/ipv4/ip_forward", "0");
        assertThat(hostNamespace.sysctl("net/ipv4/ip_forward")).isEqualTo("1");
        assertThat(podNamespace.sysctl("net/ipv4/ip_forward")).isEqualTo("0");
        assertThatThrownBy(() -> hostNamespace.sysctl("net/ipv4/no_such_thing"))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining("net/ipv4/no_such_thing");
    }

    @Test
    void permanentAndProxyNeighboursAreReplacedAndDeleted() {
        int index = nic().index();
        var permanent = Neighbour.permanent(index, ip("10.0.0.9"), MAC);
        var proxy = Neighbour.proxy(index, ip("fd00::9"));
        host.apply(
                new Change.ReplaceNeighbour(permanent),
                new Change.ReplaceNeighbour(permanent),
                new Change.ReplaceNeighbour(proxy));
        assertThat(host.neighbours(index)).containsExactlyInAnyOrder(permanent, proxy);
        assertThat(host.neighbours(1)).isEmpty();
        host.apply(new Change.DeleteNeighbour(permanent), new Change.DeleteNeighbour(proxy));
        assertThat(host.neighbours(index)).isEmpty();
        assertThat(failure(() -> host.apply(new Change.DeleteNeighbour(permanent)))
                        .errno())
                .isEqualTo(Errno.ENOENT);
    }

    @Test
    void changesAreReportedAsEvents() throws InterruptedException {
        var events = new LinkedBlockingQueue<KernelEvent>();
        var rule = Rule.to(cidr("192.168.0.0/16"), TABLE, 2000, OURS);
        try (var _ = kernel.subscribe(hostNamespace, EnumSet.allOf(EventGroup.class), events::add)) {
            int index = nic().index();
            var address = address(index, "10.0.0.1/24");
            var route =
                    Route.to(cidr("192.168.1.0/24"), OURS, NextHop.dev(index)).inTable(TABLE);
            host.apply(new Change.AddAddress(address), new Change.AddRoute(route), new Change.AddRule(rule));
            await(
                    events,
                    e -> e instanceof KernelEvent.LinkChanged(var link)
                            && link.name().equals("nic0"));
            await(events, e -> e instanceof KernelEvent.AddressChanged(var changed) && changed.sameAs(address));
            await(events, new KernelEvent.RouteChanged(route)::equals);
            await(events, new KernelEvent.RuleAdded(rule)::equals);

            host.apply(new Change.DeleteRule(rule), new Change.DeleteRoute(route), new Change.DeleteAddress(address));
            await(events, new KernelEvent.RuleRemoved(rule)::equals);
            await(events, new KernelEvent.RouteRemoved(route)::equals);
            await(events, e -> e instanceof KernelEvent.AddressRemoved(var changed) && changed.sameAs(address));

            host.apply(new Change.DeleteLink(index));
            await(events, e -> e instanceof KernelEvent.LinkRemoved(var link) && link.index() == index);
        }
        events.clear();
        nic();
        assertThat(events).isEmpty();
    }

    @Test
    void onlyEventsOfSubscribedGroupsAreReported() throws InterruptedException {
        var events = new LinkedBlockingQueue<KernelEvent>();
        var rule = Rule.to(cidr("192.168.0.0/16"), TABLE, 2000, OURS);
        try (var _ = kernel.subscribe(hostNamespace, EnumSet.of(EventGroup.RULES), events::add)) {
            nic();
            host.apply(new Change.AddRule(rule));
            assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo(new KernelEvent.RuleAdded(rule));
        }
    }

    private static void await(LinkedBlockingQueue<KernelEvent> events, java.util.function.Predicate<KernelEvent> wanted)
            throws InterruptedException {
        while (true) {
            KernelEvent event = events.poll(10, TimeUnit.SECONDS);
            assertThat(event).as("an event within ten seconds").isNotNull();
            if (wanted.test(event)) {
                return;
            }
        }
    }
}
