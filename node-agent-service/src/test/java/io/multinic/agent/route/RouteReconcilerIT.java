package io.multinic.agent.route;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Rule;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.plan.FixedPlan;
import io.multinic.agent.reconcile.ReconcileLoop;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.agent.route.plan.HostRoutesState.NetworkState;
import io.multinic.agent.route.plan.RouteFixtures;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.retry.Backoff;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PeerBlock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Route reconciliation in the real kernel, in a network namespace of the test. Needs root.
@Timeout(120)
class RouteReconcilerIT {
    private static final int TABLE = 13_900;

    @TempDir
    private Path disk;

    private final LinuxKernel kernel = new LinuxKernel();
    private final NetworkNamespace node = kernel.createNamespace();
    private final NetworkStack stack = kernel.open(node);
    private final NetworkStack agents = kernel.open(node);
    private final FixedPlan plans = new FixedPlan();
    private final KernelNics nics = new KernelNics(
            agents, new SysfsDevices(Path.of("/sys")), new NicDiscovery(NicExclusions.of(NicExclusions.COMMON)));

    @SuppressWarnings("NullAway.Init")
    private RouteReconciler reconciler;

    private int eth1;
    private int eth2;

    @BeforeEach
    void createLinks() {
        reconciler = new RouteReconciler(
                RouteFixtures.NODE, agents, plans, nics, new RouteTableNames(disk.resolve("names.conf")));
        stack.apply(new Change.SetLinkUp(stack.link("lo").orElseThrow().index(), true));
        eth1 = cable("eth1", "10.0.1.1/24");
        eth2 = cable("eth2", "10.0.2.1/24");
        nics.refresh();
    }

    private int cable(String name, String address) {
        stack.apply(new Change.AddLink(
                new NewLink.Veth(LinkEnd.of(name), LinkEnd.of("veth-" + name).down())));
        stack.apply(
                new Change.SetLinkUp(stack.link("veth-" + name).orElseThrow().index(), true));
        int index = stack.link(name).orElseThrow().index();
        stack.apply(new Change.AddAddress(InterfaceAddress.of(index, PrefixedAddress.parse(address))));
        return index;
    }

    @AfterEach
    void closeNamespaces() {
        stack.close();
        agents.close();
        node.close();
    }

    private List<Route> table() {
        return stack.routes(RouteFilter.all(IpFamily.IPV4).table(TABLE));
    }

    private Route wanted(int nic, int host) {
        NetworkPlan sample = RouteFixtures.sample(host + 1);
        PeerBlock peer = sample.peers().stream()
                .filter(p -> p.interfaceIndex() == nic && p.node().equals("host" + (host + 1)))
                .findFirst()
                .orElseThrow();
        return Route.to(peer.podBlock(), TableNumbers.PLAN_PROTOCOL, NextHop.via(peer.via(), nic == 0 ? eth1 : eth2))
                .inTable(TABLE);
    }

    private NetworkState reconciled() {
        return reconciler.reconcile().orElseThrow().networks().getFirst();
    }

    @Test
    void discoveryFindsTheNics() {
        assertThat(nics.nics()).extracting(NodeNic::name).containsExactly("eth1", "eth2");
    }

    @Test
    void routesAndRuleAreProgrammedAndIpShowsTheTableName() throws Exception {
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));

        assertThat(reconciled()).isEqualTo(new NetworkState("multi-nic-sample", 2, 4, 4, ""));
        assertThat(table()).containsExactlyInAnyOrder(wanted(0, 1), wanted(0, 2), wanted(1, 1), wanted(1, 2));
        assertThat(stack.rules(IpFamily.IPV4))
                .contains(Rule.to(Cidr.parse("192.168.0.0/16"), TABLE, 13_900, TableNumbers.PLAN_PROTOCOL));
        assertThat(disk.resolve("names.conf")).content().contains("13900\tmulti-nic-sample\n");
        assertThat(ip("-4", "route", "get", "192.168.65.7")).contains("via 10.0.2.2", "dev eth2");
        assertThat(ip("route", "show", "table", "13900")).contains("192.168.1.0/24 via 10.0.1.2 dev eth1 proto 139");
    }

    @Test
    void routesRuleAndTableNameAreRemovedWithTheNetwork() {
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));
        reconciler.reconcile();
        plans.set(RouteFixtures.of(2));
        reconciler.reconcile();

        assertThat(table()).isEmpty();
        assertThat(stack.rules(IpFamily.IPV4)).noneMatch(rule -> rule.table() == TABLE);
        assertThat(disk.resolve("names.conf")).content().doesNotContain("multi-nic-sample");
    }

    @Test
    void foreignRoutesAndRulesAreKept() {
        Route pod = Route.to(Cidr.parse("192.168.0.7/32"), TableNumbers.POD_PROTOCOL, NextHop.dev(eth1))
                .inTable(TABLE);
        Route users =
                Route.to(Cidr.parse("192.168.99.0/24"), 4, NextHop.dev(eth1)).inTable(TABLE);
        Route elsewhere = Route.to(Cidr.parse("172.20.0.0/16"), TableNumbers.PLAN_PROTOCOL, NextHop.dev(eth1));
        Rule rule = Rule.to(Cidr.parse("172.20.0.0/16"), TABLE, 100, 4);
        stack.apply(
                new Change.AddRoute(pod),
                new Change.AddRoute(users),
                new Change.AddRoute(elsewhere),
                new Change.AddRule(rule));

        plans.set(RouteFixtures.of(1, RouteFixtures.sample(2)));
        reconciler.reconcile();
        plans.set(RouteFixtures.of(2));
        reconciler.reconcile();

        assertThat(table()).containsExactlyInAnyOrder(pod, users);
        assertThat(stack.routes(RouteFilter.all(IpFamily.IPV4).table(Route.MAIN_TABLE)))
                .contains(elsewhere);
        assertThat(stack.rules(IpFamily.IPV4)).contains(rule);
    }

    @Test
    void unreachableGatewayIsReportedAndOtherRoutesAreProgrammed() {
        NetworkPlan sample = RouteFixtures.sample(2);
        stack.apply(new Change.DeleteAddress(InterfaceAddress.of(eth2, PrefixedAddress.parse("10.0.2.1/24"))));
        plans.set(RouteFixtures.of(1, sample));

        // NICs were not discovered again: the plan still seems possible, and the kernel refuses.
        NetworkState seen = reconciled();

        assertThat(seen.routesWanted()).isEqualTo(2);
        assertThat(seen.routesPresent()).isEqualTo(1);
        assertThat(seen.message()).contains("node host1", "192.168.65.0/24", "ENETUNREACH", "check that the NIC");
    }

    /// Runs `scene` while only kernel events wake the reconciler.
    private void whileReconciling(Runnable scene) {
        var retry = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10), new Random(1));
        var pace = new ReconcileLoop.Pace(Duration.ofMillis(10), Duration.ofHours(1), retry);
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));
        try (var loop = new ReconcileLoop(
                        "routes",
                        pace,
                        () -> reconciler
                                .reconcile()
                                .map(HostRoutesState::complete)
                                .orElse(true));
                var _ = kernel.subscribe(node, EnumSet.allOf(EventGroup.class), event -> {
                    if (reconciler.concerns(event)) {
                        loop.wake();
                    }
                })) {
            loop.start();
            eventually(() -> table().size() == 4);
            scene.run();
        }
    }

    @Test
    void driftIsCorrectedOnItsEvent() {
        whileReconciling(() -> {
            stack.apply(new Change.DeleteRoute(wanted(0, 1)));
            eventually(() -> table().contains(wanted(0, 1)));

            Route elsewhere = Route.to(
                            wanted(0, 1).destination(),
                            TableNumbers.PLAN_PROTOCOL,
                            NextHop.via(IpAddress.parse("10.0.1.99"), eth1))
                    .inTable(TABLE);
            stack.apply(new Change.ReplaceRoute(elsewhere));
            eventually(() -> table().contains(wanted(0, 1)));

            Rule rule = Rule.to(Cidr.parse("192.168.0.0/16"), TABLE, 13_900, TableNumbers.PLAN_PROTOCOL);
            stack.apply(new Change.DeleteRule(rule));
            eventually(() -> stack.rules(IpFamily.IPV4).contains(rule));
        });
    }

    /// The kernel removes the routes of a link without an event, even if discovery never sees the link down. For IPv6
    /// there are events about the link-local addresses.
    @Test
    void routesOfALinkAreRestoredWhenItComesUp() {
        node.setSysctl("net/ipv6/conf/all/disable_ipv6", "1");
        whileReconciling(() -> {
            stack.apply(new Change.SetLinkUp(eth2, false));
            stack.apply(new Change.SetLinkUp(eth2, true));
            eventually(() -> table().size() == 4);

            stack.apply(new Change.SetLinkUp(eth2, false));
            eventually(() -> message().contains("NIC eth2") && table().size() == 2);
            stack.apply(new Change.SetLinkUp(eth2, true));
            eventually(() -> table().size() == 4 && message().isEmpty());
        });
    }

    private String message() {
        return Objects.requireNonNullElse(
                reconciler.state().orElseThrow().networks().getFirst().message(), "");
    }

    @Test
    void bothFamiliesAreRouted() throws Exception {
        stack.apply(new Change.AddAddress(InterfaceAddress.of(eth1, PrefixedAddress.parse("fd00:1::1/64"))));
        nics.refresh();
        var definition = new NetworkDefinition(
                "dual",
                List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd00:9::/48")),
                List.of(),
                2,
                6,
                List.of(),
                true);
        var peers = List.of(
                new PeerBlock("host2", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.0.1.2")),
                new PeerBlock("host2", 0, Cidr.parse("fd00:9:0:100::/56"), IpAddress.parse("fd00:1::2")));
        plans.set(RouteFixtures.of(1, new NetworkPlan(definition, 0, List.of(), peers)));

        assertThat(reconciled()).isEqualTo(new NetworkState("dual", 0, 2, 2, ""));
        assertThat(ip("-6", "route", "get", "fd00:9:0:101::7")).contains("via fd00:1::2", "dev eth1");

        plans.set(RouteFixtures.of(2));
        reconciler.reconcile();
        assertThat(stack.routes(RouteFilter.all(IpFamily.IPV6).table(TABLE))).isEmpty();
        assertThat(stack.rules(IpFamily.IPV6)).noneMatch(rule -> rule.table() == TABLE);
    }

    private static PeerBlock peer(String node, String block, String via, String... excluded) {
        return new PeerBlock(
                node,
                0,
                Cidr.parse(block),
                IpAddress.parse(via),
                Arrays.stream(excluded).map(Cidr::parse).toList());
    }

    /// Pods and hosts share 10.0.1.0/24: a host is never reached through the node whose block contains its address.
    @Test
    void hostsInABlockOfAPeerAreReachedDirectly() throws Exception {
        Cidr net = RouteFixtures.masterNet(0);
        var definition = new NetworkDefinition("shared", List.of(), List.of(net), 0, 2, List.of(), true);
        var own = new NicBlock("eth1", net, 0, 1, net, Cidr.parse("10.0.1.64/26"), List.of());
        var peers = List.of(
                peer("host2", "10.0.1.0/26", "10.0.1.2", "10.0.1.1/32", "10.0.1.2/31"),
                peer("host3", "10.0.1.128/26", "10.0.1.3", "10.0.1.190/32"));
        plans.set(RouteFixtures.of(1, new NetworkPlan(definition, 0, List.of(own), peers)));

        assertThat(reconciled()).isEqualTo(new NetworkState("shared", 1, 5, 5, ""));
        assertThat(stack.rules(IpFamily.IPV4)).contains(Rule.to(net, TABLE, 13_900, TableNumbers.PLAN_PROTOCOL));
        assertThat(ip("route", "get", "10.0.1.9")).contains("via 10.0.1.2 dev eth1 table 13900");
        assertThat(ip("route", "get", "10.0.1.130")).contains("via 10.0.1.3 dev eth1 table 13900");
        for (String host : List.of("10.0.1.2", "10.0.1.3", "10.0.1.190")) {
            assertThat(ip("route", "get", host)).as(host).startsWith(host + " dev eth1 src 10.0.1.1");
        }

        // A host is added with an address in the block of host3, and one in the block of host2 is removed.
        var joined = List.of(
                peer("host2", "10.0.1.0/26", "10.0.1.2", "10.0.1.1/32", "10.0.1.2/32"),
                peer("host3", "10.0.1.128/26", "10.0.1.3", "10.0.1.140/32", "10.0.1.190/32"));
        plans.set(RouteFixtures.of(2, new NetworkPlan(definition, 0, List.of(own), joined)));
        assertThat(reconciled()).isEqualTo(new NetworkState("shared", 1, 6, 6, ""));
        assertThat(ip("route", "get", "10.0.1.140")).startsWith("10.0.1.140 dev eth1 src");
        assertThat(ip("route", "get", "10.0.1.3")).contains("via 10.0.1.2");
    }

    /// The kernel resolves an IPv6 gateway in the network's table, and refuses one that is reached through a gateway.
    @Test
    void ipv6GatewaysInABlockOfAPeerAreUsable() throws Exception {
        stack.apply(new Change.AddAddress(InterfaceAddress.of(eth1, PrefixedAddress.parse("fd00:1::1/64"))));
        nics.refresh();
        Cidr net = Cidr.parse("fd00:1::/64");
        var definition = new NetworkDefinition("shared", List.of(), List.of(net), 0, 8, List.of(), true);
        var own = new NicBlock("eth1", net, 0, 1, net, Cidr.parse("fd00:1:0:0:100::/72"), List.of());
        var first = peer("host2", "fd00:1::/72", "fd00:1::2", "fd00:1::1/128", "fd00:1::2/128");
        plans.set(RouteFixtures.of(1, new NetworkPlan(definition, 0, List.of(own), List.of(first))));
        assertThat(reconciled()).isEqualTo(new NetworkState("shared", 1, 3, 3, ""));

        var second = peer("host2", "fd00:1::/72", "fd00:1::2", "fd00:1::1/128", "fd00:1::2/127");
        var joined = peer("host3", "fd00:1:0:0:200::/72", "fd00:1::3");
        plans.set(RouteFixtures.of(2, new NetworkPlan(definition, 0, List.of(own), List.of(second, joined))));
        assertThat(reconciled()).isEqualTo(new NetworkState("shared", 1, 4, 4, ""));
        assertThat(ip("-6", "route", "get", "fd00:1::99")).contains("via fd00:1::2 dev eth1");
        assertThat(ip("-6", "route", "get", "fd00:1:0:0:200::7")).contains("via fd00:1::3 dev eth1");
        assertThat(ip("-6", "route", "get", "fd00:1::3")).startsWith("fd00:1::3 from :: dev eth1");
    }

    @Test
    void fortyThousandRoutesAreAddedAndRemoved() {
        NetworkPlan sample = RouteFixtures.sample("big", 0, "100.0.0.0/8", 1);
        List<PeerBlock> peers = IntStream.range(0, 40_000)
                .mapToObj(i -> new PeerBlock(
                        "host" + i,
                        0,
                        Cidr.containing(IpAddress.parse("100.0.0.0").plus(i, 8), 24),
                        IpAddress.parse("10.0.1.2").plus(i % 200)))
                .toList();
        plans.set(RouteFixtures.of(1, RouteFixtures.withPeers(sample, peers.toArray(PeerBlock[]::new))));
        long start = System.nanoTime();
        assertThat(reconciled()).isEqualTo(new NetworkState("big", 2, 40_000, 40_000, ""));
        Duration added = Duration.ofNanos(System.nanoTime() - start);

        start = System.nanoTime();
        reconciler.reconcile();
        Duration unchanged = Duration.ofNanos(System.nanoTime() - start);

        plans.set(RouteFixtures.of(2, sample));
        start = System.nanoTime();
        assertThat(reconciled()).isEqualTo(new NetworkState("big", 2, 0, 0, ""));
        Duration deleted = Duration.ofNanos(System.nanoTime() - start);

        System.out.printf("40,000 routes: added in %s, compared in %s, deleted in %s%n", added, unchanged, deleted);
    }

    private String ip(String... arguments) throws Exception {
        return node.call(() -> {
            var command = new java.util.ArrayList<>(List.of("ip"));
            command.addAll(List.of(arguments));
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        });
    }

    @Test
    void routesAreProgrammedIfTableNamesCannotBeWritten() throws Exception {
        Files.writeString(disk.resolve("names.conf"), "");
        Path blocked = disk.resolve("names.conf/below-a-file.conf");
        var unnamed = new RouteReconciler(RouteFixtures.NODE, agents, plans, nics, new RouteTableNames(blocked));
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(2)));

        assertThat(unnamed.reconcile().orElseThrow().complete()).isTrue();
        assertThat(table()).hasSize(2);
    }
}
