package io.multinic.agent.route.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RouteDiffTest {
    private static final HostRoutesPlan SAMPLE =
            HostRoutesPlan.wanted(RouteFixtures.of(1, RouteFixtures.sample(3)), RouteFixtures.localNics());
    private static final NetworkRoutes NETWORK = SAMPLE.networks().getFirst();

    private static ObservedRoutes everythingOf(NetworkRoutes network) {
        return new ObservedRoutes(List.copyOf(network.routes()), List.copyOf(network.rules()));
    }

    private static List<Change> changes(RouteDiff diff) {
        var all = new ArrayList<Change>();
        diff.networks().values().forEach(all::addAll);
        all.addAll(diff.leftovers());
        return all;
    }

    @Test
    void nothingIsChangedIfEverythingIsPresent() {
        assertThat(RouteDiff.between(SAMPLE, everythingOf(NETWORK)).isEmpty()).isTrue();
    }

    @Test
    void routesAreAddedBeforeTheRule() {
        List<Change> changes = changes(RouteDiff.between(SAMPLE, new ObservedRoutes(List.of(), List.of())));

        assertThat(changes).hasSize(5);
        assertThat(changes.subList(0, 4)).allMatch(Change.AddRoute.class::isInstance);
        assertThat(changes.getLast()).isInstanceOf(Change.AddRule.class);
    }

    @Test
    void routeToAnotherGatewayIsReplacedInOneStep() {
        Route wanted = NETWORK.routes().iterator().next();
        Route other = Route.to(wanted.destination(), wanted.protocol(), NextHop.via(IpAddress.parse("10.0.1.77"), 11))
                .inTable(wanted.table());
        var routes = new ArrayList<>(NETWORK.routes());
        routes.set(0, other);

        assertThat(changes(RouteDiff.between(SAMPLE, new ObservedRoutes(routes, List.copyOf(NETWORK.rules())))))
                .containsExactly(new Change.ReplaceRoute(wanted));
    }

    @Test
    void addsComeBeforeDeletes() {
        Route old = Route.to(Cidr.parse("192.168.99.0/24"), TableNumbers.PLAN_PROTOCOL, NextHop.dev(11))
                .inTable(NETWORK.table());
        Rule oldRule = Rule.to(Cidr.parse("172.16.0.0/16"), NETWORK.table(), 13_900, TableNumbers.PLAN_PROTOCOL);
        List<Change> changes = changes(RouteDiff.between(SAMPLE, new ObservedRoutes(List.of(old), List.of(oldRule))));

        int lastAdd = IntStream.range(0, changes.size())
                .filter(i -> changes.get(i) instanceof Change.AddRoute || changes.get(i) instanceof Change.AddRule)
                .max()
                .orElseThrow();
        assertThat(changes.subList(lastAdd + 1, changes.size()))
                .containsExactlyInAnyOrder(new Change.DeleteRoute(old), new Change.DeleteRule(oldRule));
    }

    @Test
    void ruleOfADeletedNetworkIsDeletedBeforeItsRoutes() {
        var nothing = new HostRoutesPlan(2, List.of());
        List<Change> changes = changes(RouteDiff.between(nothing, everythingOf(NETWORK)));

        assertThat(changes.getFirst()).isInstanceOf(Change.DeleteRule.class);
        assertThat(changes).hasSize(5);
        assertThat(changes.subList(1, 5)).allMatch(Change.DeleteRoute.class::isInstance);
    }

    @Test
    void duplicateOfAWantedRouteOrRuleIsDeleted() {
        Route wanted = NETWORK.routes().iterator().next();
        Route twin = Route.to(wanted.destination(), wanted.protocol(), NextHop.via(IpAddress.parse("10.0.1.77"), 11))
                .inTable(wanted.table());
        var routes = new ArrayList<>(NETWORK.routes());
        routes.add(twin);
        var rules = new ArrayList<>(NETWORK.rules());
        rules.addAll(NETWORK.rules());

        assertThat(changes(RouteDiff.between(SAMPLE, new ObservedRoutes(routes, rules))))
                .containsExactlyInAnyOrder(new Change.DeleteRoute(twin), new Change.DeleteRule(rules.getFirst()));
    }

    @Test
    void foreignRoutesAndRulesAreNotObserved() {
        Route pods = Route.to(Cidr.parse("192.168.0.7/32"), TableNumbers.POD_PROTOCOL, NextHop.dev(20))
                .inTable(NETWORK.table());
        Route users =
                Route.to(Cidr.parse("192.168.99.0/24"), 4, NextHop.dev(11)).inTable(NETWORK.table());
        Route elsewhere = Route.to(Cidr.parse("192.168.99.0/24"), TableNumbers.PLAN_PROTOCOL, NextHop.dev(11));
        Rule foreign = Rule.to(Cidr.parse("192.168.0.0/16"), NETWORK.table(), 100, 3);

        var observed = new ObservedRoutes(List.of(pods, users, elsewhere), List.of(foreign));

        assertThat(observed.tables()).isEmpty();
        assertThat(observed.rules()).isEmpty();
    }

    @Test
    void fortyThousandRoutesAreComparedByHash() {
        Set<Route> many = IntStream.range(0, 40_000)
                .mapToObj(i -> Route.to(
                                Cidr.containing(IpAddress.parse("10.0.0.0").plus(i, 8), 24),
                                TableNumbers.PLAN_PROTOCOL,
                                NextHop.via(IpAddress.parse("172.16.0.1").plus(i), 11))
                        .inTable(13_900))
                .collect(java.util.stream.Collectors.toSet());
        var big = new NetworkRoutes("big", 1, 13_900, Set.of(), many, 0, List.of());
        var plan = new HostRoutesPlan(1, List.of(big));

        assertThat(changes(RouteDiff.between(plan, new ObservedRoutes(List.of(), List.of()))))
                .hasSize(40_000);
        assertThat(RouteDiff.between(plan, new ObservedRoutes(List.copyOf(many), List.of()))
                        .isEmpty())
                .isTrue();
    }
}
