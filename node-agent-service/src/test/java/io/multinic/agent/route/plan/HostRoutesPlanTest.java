package io.multinic.agent.route.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PeerBlock;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostRoutesPlanTest {
    private static final int TABLE = 13_900;

    private static NetworkRoutes only(NetworkPlan plan, List<LocalNic> nics) {
        return HostRoutesPlan.wanted(RouteFixtures.of(1, plan), nics).networks().getFirst();
    }

    private static Route route(String destination, String via, int link) {
        return Route.to(Cidr.parse(destination), TableNumbers.PLAN_PROTOCOL, NextHop.via(IpAddress.parse(via), link))
                .inTable(TABLE);
    }

    @Test
    void samplePlanHasItsRoutesAndOneRule() {
        NetworkRoutes wanted = only(RouteFixtures.sample(2), RouteFixtures.localNics());

        assertThat(wanted.routes())
                .containsExactly(route("192.168.1.0/24", "10.0.1.2", 11), route("192.168.65.0/24", "10.0.2.2", 12));
        assertThat(wanted.rules())
                .containsExactly(Rule.to(Cidr.parse("192.168.0.0/16"), TABLE, 13_900, TableNumbers.PLAN_PROTOCOL));
        assertThat(wanted.problems()).isEmpty();
        assertThat(wanted.routesWanted()).isEqualTo(2);
        assertThat(wanted.blocks()).isEqualTo(2);
    }

    @Test
    void networkWithoutHostRoutesHasNone() {
        NetworkPlan sample = RouteFixtures.sample(3);
        NetworkDefinition with = sample.network();
        var without = new NetworkDefinition(
                with.name(),
                with.subnets(),
                with.masterNets(),
                with.interfaceBlock(),
                with.hostBlock(),
                List.of(),
                false);
        NetworkRoutes wanted =
                only(new NetworkPlan(without, 0, sample.blocks(), sample.peers()), RouteFixtures.localNics());

        assertThat(wanted.routes()).isEmpty();
        assertThat(wanted.rules()).isEmpty();
        assertThat(wanted.routesWanted()).isZero();
        assertThat(wanted.blocks()).isEqualTo(2);
    }

    @Test
    void nicOfThePeersInterfaceIndexIsUsedIfSeveralAreInOneNetwork() {
        Cidr net = Cidr.parse("10.0.1.0/24");
        var definition =
                new NetworkDefinition("rails", List.of(Cidr.parse("192.168.0.0/16")), List.of(), 2, 6, List.of(), true);
        var blocks = List.of(
                new NicBlock("eth1", net, 0, 0, Cidr.parse("192.168.0.0/18"), Cidr.parse("192.168.0.0/24"), List.of()),
                new NicBlock(
                        "eth2", net, 1, 0, Cidr.parse("192.168.64.0/18"), Cidr.parse("192.168.64.0/24"), List.of()));
        var peers = List.of(
                new PeerBlock("host2", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.0.1.12")),
                new PeerBlock("host2", 1, Cidr.parse("192.168.65.0/24"), IpAddress.parse("10.0.1.22")));
        var nics = List.of(new LocalNic("eth1", 11, List.of(net)), new LocalNic("eth2", 12, List.of(net)));

        NetworkRoutes wanted = only(new NetworkPlan(definition, 0, blocks, peers), nics);

        assertThat(wanted.routes())
                .containsExactly(route("192.168.1.0/24", "10.0.1.12", 11), route("192.168.65.0/24", "10.0.1.22", 12));
    }

    @Test
    void missingNicIsAProblemOfItsRoutesOnly() {
        NetworkRoutes wanted =
                only(RouteFixtures.sample(4), List.of(RouteFixtures.localNics().getFirst()));

        assertThat(wanted.routes())
                .hasSize(3)
                .allMatch(r -> r.nextHops().getFirst().linkIndex() == 11);
        assertThat(wanted.routesWanted()).isEqualTo(6);
        assertThat(wanted.problems())
                .containsExactly("NIC eth2 is missing, down or without an address; bring it back (3 routes)");
    }

    @Test
    void gatewayOutsideTheNicsNetworkIsAProblem() {
        var odd = new PeerBlock("host2", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.9.9.9"));
        NetworkRoutes wanted = only(RouteFixtures.withPeers(RouteFixtures.sample(1), odd), RouteFixtures.localNics());

        assertThat(wanted.routes()).isEmpty();
        assertThat(wanted.routesWanted()).isEqualTo(1);
        assertThat(wanted.problems()).singleElement().asString().contains("eth1", "10.9.9.9", "host2");
    }

    @Test
    void peerInANetworkWithoutOwnNicIsNoProblem() {
        var elsewhere = new PeerBlock("host2", 3, Cidr.parse("192.168.193.0/24"), IpAddress.parse("10.0.4.2"));
        NetworkRoutes wanted =
                only(RouteFixtures.withPeers(RouteFixtures.sample(1), elsewhere), RouteFixtures.localNics());

        assertThat(wanted.routesWanted()).isZero();
        assertThat(wanted.problems()).isEmpty();
    }

    @Test
    void twoPeersWithOneBlockAreAProblemAndTheFirstIsUsed() {
        NetworkPlan plan = RouteFixtures.withPeers(
                RouteFixtures.sample(1),
                new PeerBlock("host2", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.0.1.2")),
                new PeerBlock("host3", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.0.1.3")));
        NetworkRoutes wanted = only(plan, RouteFixtures.localNics());

        assertThat(wanted.routes()).containsExactly(route("192.168.1.0/24", "10.0.1.2", 11));
        assertThat(wanted.problems()).singleElement().asString().contains("192.168.1.0/24");
    }

    @Test
    void bothFamiliesHaveTheirOwnRuleAndRoutes() {
        var definition = new NetworkDefinition(
                "dual",
                List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd00:1::/64")),
                List.of(),
                2,
                6,
                List.of(),
                true);
        var peers = List.of(
                new PeerBlock("host2", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.0.1.2")),
                new PeerBlock("host2", 0, Cidr.parse("fd00:1:0:0:100::/72"), IpAddress.parse("fd00::2")));
        var nics = List.of(new LocalNic("eth1", 11, List.of(RouteFixtures.masterNet(0), Cidr.parse("fd00::/64"))));

        NetworkRoutes wanted = only(new NetworkPlan(definition, 0, List.of(), peers), nics);

        assertThat(wanted.rules()).extracting(Rule::to).containsExactlyElementsOf(definition.subnets());
        assertThat(wanted.routes())
                .containsExactly(route("192.168.1.0/24", "10.0.1.2", 11), route("fd00:1:0:0:100::/72", "fd00::2", 11));
    }

    @Test
    void networkWithoutSubnetsHasRulesForItsInterfaceBlocks() {
        Cidr net = RouteFixtures.masterNet(0);
        var definition = new NetworkDefinition("hosts", List.of(), List.of(net), 0, 2, List.of(), true);
        var block = new NicBlock("eth1", net, 0, 0, net, Cidr.parse("10.0.1.0/26"), List.of());
        NetworkRoutes wanted =
                only(new NetworkPlan(definition, 0, List.of(block), List.of()), RouteFixtures.localNics());

        assertThat(wanted.rules()).extracting(Rule::to).containsExactly(net);
    }

    @Test
    void excludedAddressesOfAPeersBlockGetThrowRoutesFirst() {
        var peers = new PeerBlock[] {
            new PeerBlock("host2", 0, Cidr.parse("192.168.1.0/24"), IpAddress.parse("10.0.1.2")),
            new PeerBlock(
                    "host3",
                    0,
                    Cidr.parse("192.168.2.0/24"),
                    IpAddress.parse("10.0.1.3"),
                    List.of(Cidr.parse("192.168.2.0/30"), Cidr.parse("192.168.2.7/32"))),
            new PeerBlock(
                    "host4",
                    0,
                    Cidr.parse("192.168.3.0/24"),
                    IpAddress.parse("10.0.1.4"),
                    List.of(Cidr.parse("192.168.3.0/24"))),
        };
        NetworkRoutes wanted = only(RouteFixtures.withPeers(RouteFixtures.sample(1), peers), RouteFixtures.localNics());

        assertThat(wanted.routes())
                .containsExactly(
                        elsewhere("192.168.2.0/30"),
                        elsewhere("192.168.2.7/32"),
                        elsewhere("192.168.3.0/24"),
                        route("192.168.1.0/24", "10.0.1.2", 11),
                        route("192.168.2.0/24", "10.0.1.3", 11));
        assertThat(wanted.problems()).isEmpty();
    }

    @Test
    void excludedIpv4AddressesInTheNicsNetworkGetThrowRoutes() {
        Cidr net = RouteFixtures.masterNet(0);
        var definition = new NetworkDefinition("hosts", List.of(), List.of(net), 0, 2, List.of(), true);
        var peer = new PeerBlock(
                "host2", 0, Cidr.parse("10.0.1.0/26"), IpAddress.parse("10.0.1.2"), List.of(Cidr.parse("10.0.1.2/32")));
        NetworkRoutes wanted =
                only(new NetworkPlan(definition, 0, List.of(), List.of(peer)), RouteFixtures.localNics());

        assertThat(wanted.routes()).containsExactly(elsewhere("10.0.1.2/32"), route("10.0.1.0/26", "10.0.1.2", 11));
    }

    /// The kernel treats a gateway that matches a `throw` route as unreachable, so hosts in the NIC's network get a
    /// route to the link.
    @Test
    void excludedIpv6AddressesInTheNicsNetworkAreRoutedToTheLink() {
        Cidr net = Cidr.parse("fd00::/96");
        var definition =
                new NetworkDefinition("dual", List.of(Cidr.parse("fd00::/48")), List.of(), 2, 6, List.of(), true);
        var peer = new PeerBlock(
                "host2",
                0,
                Cidr.parse("fd00::/72"),
                IpAddress.parse("fd00::2"),
                List.of(Cidr.parse("fd00::2/128"), Cidr.parse("fd00:0:0:0:0:1:0:0/112")));
        var nics = List.of(new LocalNic("eth1", 11, List.of(RouteFixtures.masterNet(0), net)));

        NetworkRoutes wanted = only(new NetworkPlan(definition, 0, List.of(), List.of(peer)), nics);

        assertThat(wanted.routes())
                .containsExactly(
                        Route.to(Cidr.parse("fd00::2/128"), TableNumbers.PLAN_PROTOCOL, NextHop.dev(11))
                                .inTable(TABLE),
                        elsewhere("fd00:0:0:0:0:1:0:0/112"),
                        route("fd00::/72", "fd00::2", 11));
    }

    private static Route elsewhere(String destination) {
        return Route.elsewhere(Cidr.parse(destination), TableNumbers.PLAN_PROTOCOL)
                .inTable(TABLE);
    }

    @Test
    void networkNumberBeyondTheTablesDoesNotAffectOtherNetworks() {
        HostRoutesPlan wanted = HostRoutesPlan.wanted(
                RouteFixtures.of(
                        1, RouteFixtures.sample("far", 1_000_000, "172.16.0.0/16", 2), RouteFixtures.sample(2)),
                RouteFixtures.localNics());

        assertThat(wanted.networks().getFirst().routes()).isEmpty();
        assertThat(wanted.networks().getFirst().problems())
                .singleElement()
                .asString()
                .contains("1000000");
        assertThat(wanted.networks().getLast().routes()).hasSize(2);
    }

    @Test
    void onlyEventsThatDeviateFromThePlanContradictIt() {
        HostRoutesPlan plan =
                HostRoutesPlan.wanted(RouteFixtures.of(1, RouteFixtures.sample(2)), RouteFixtures.localNics());
        Route wanted = route("192.168.1.0/24", "10.0.1.2", 11);
        Route moved = route("192.168.1.0/24", "10.0.1.9", 11);
        Route pod = new Route(
                wanted.type(),
                Cidr.parse("192.168.0.7/32"),
                TABLE,
                TableNumbers.POD_PROTOCOL,
                0,
                wanted.nextHops(),
                null);
        Rule rule = plan.networks().getFirst().rules().iterator().next();
        Rule foreign = Rule.to(Cidr.parse("192.168.0.0/16"), 99, 5, 3);

        assertThat(plan.contradicts(new KernelEvent.RouteChanged(wanted))).isFalse();
        assertThat(plan.contradicts(new KernelEvent.RouteRemoved(wanted))).isTrue();
        assertThat(plan.contradicts(new KernelEvent.RouteChanged(moved))).isTrue();
        assertThat(plan.contradicts(new KernelEvent.RouteRemoved(moved))).isFalse();
        assertThat(plan.contradicts(new KernelEvent.RouteChanged(pod))).isFalse();
        assertThat(plan.contradicts(new KernelEvent.RuleAdded(rule))).isFalse();
        assertThat(plan.contradicts(new KernelEvent.RuleRemoved(rule))).isTrue();
        assertThat(plan.contradicts(new KernelEvent.RuleAdded(foreign))).isFalse();
        assertThat(plan.contradicts(new KernelEvent.Overrun())).isTrue();
    }
}
