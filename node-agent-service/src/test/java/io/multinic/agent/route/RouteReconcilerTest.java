package io.multinic.agent.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.FakeKernel;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Rule;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.plan.FixedPlan;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.agent.route.plan.HostRoutesState.NetworkState;
import io.multinic.agent.route.plan.RouteFixtures;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.PeerBlock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteReconcilerTest {
    /// A file that cannot be written; routes do not depend on the names.
    private static final RouteTableNames NO_NAMES = new RouteTableNames(Path.of("/proc/no/such/folder/names.conf"));

    private final FakeKernel kernel = new FakeKernel();
    private final NetworkStack stack = kernel.ownStack();
    private final FixedPlan plans = new FixedPlan();
    private final List<NodeNic> nics = new ArrayList<>();
    private final RouteReconciler reconciler =
            new RouteReconciler(RouteFixtures.NODE, stack, plans, () -> nics, NO_NAMES);
    private final Link eth1 = addNic("eth1", "10.0.1.1/24");
    private final Link eth2 = addNic("eth2", "10.0.2.1/24");

    private Link addNic(String name, String address) {
        Link link = kernel.addHardware(name, new HardwareAddress("02:00:00:00:00:0" + (nics.size() + 1)), "");
        stack.apply(new Change.AddAddress(InterfaceAddress.of(link.index(), PrefixedAddress.parse(address))));
        nics.add(RouteFixtures.nic(name, address));
        return link;
    }

    private Set<Route> planRoutes() {
        return stack.routes(RouteFilter.all(IpFamily.IPV4).protocol(TableNumbers.PLAN_PROTOCOL)).stream()
                .filter(route -> TableNumbers.ours(route.table()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private List<Rule> planRules() {
        return stack.rules(IpFamily.IPV4).stream()
                .filter(rule -> rule.protocol() == TableNumbers.PLAN_PROTOCOL)
                .toList();
    }

    private NetworkState reconciled() {
        return reconciler.reconcile().orElseThrow().networks().getFirst();
    }

    @Test
    void nothingIsChangedWithoutAPlan() {
        Route left = Route.to(Cidr.parse("192.168.1.0/24"), TableNumbers.PLAN_PROTOCOL, NextHop.dev(eth1.index()))
                .inTable(13_900);
        stack.apply(new Change.AddRoute(left));

        assertThat(reconciler.reconcile()).isEmpty();
        assertThat(planRoutes()).containsExactly(left);
    }

    @Test
    void routesAndRuleAreAddedAndRemovedWithTheNetwork() {
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));
        assertThat(reconciled()).isEqualTo(new NetworkState("multi-nic-sample", 2, 4, 4, ""));
        assertThat(planRoutes()).hasSize(4);
        assertThat(planRules()).hasSize(1);

        plans.set(RouteFixtures.of(2));
        assertThat(reconciler.reconcile().orElseThrow()).isEqualTo(new HostRoutesState(2, List.of()));
        assertThat(planRoutes()).isEmpty();
        assertThat(planRules()).isEmpty();
    }

    @Test
    void refusedRouteIsReportedAndOtherNetworksAreProgrammed() {
        plans.set(RouteFixtures.of(
                1,
                RouteFixtures.sample("one", 0, "192.168.0.0/16", 3),
                RouteFixtures.sample("two", 1, "172.16.0.0/16", 3)));
        kernel.failNext(change -> change instanceof Change.AddRoute, Errno.ENETUNREACH);

        HostRoutesState state = reconciler.reconcile().orElseThrow();

        assertThat(state.complete()).isFalse();
        assertThat(state.networks().getFirst().routesPresent()).isEqualTo(3);
        assertThat(state.networks().getFirst().message())
                .contains("node host1", "1 routes missing", "192.168.1.0/24", "ENETUNREACH", "check that the NIC");
        assertThat(state.networks().getLast()).isEqualTo(new NetworkState("two", 2, 4, 4, ""));

        assertThat(reconciler.reconcile().orElseThrow().complete()).isTrue();
    }

    @Test
    void foreignRouteWithTheSameKeyIsKept() {
        Route foreign = Route.to(Cidr.parse("192.168.1.0/24"), 4, NextHop.dev(eth2.index()))
                .inTable(13_900);
        stack.apply(new Change.AddRoute(foreign));
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(2)));

        NetworkState seen = reconciled();

        assertThat(stack.routes(RouteFilter.all(IpFamily.IPV4).table(13_900))).contains(foreign);
        assertThat(seen.routesWanted()).isEqualTo(2);
        assertThat(seen.routesPresent()).isEqualTo(1);
        assertThat(seen.message()).contains("EEXIST", "another program");
    }

    @Test
    void driftConcernsTheReconcilerAndOwnChangesDoNot() {
        var calls = new ArrayList<KernelEvent>();
        try (var _ = kernel.subscribe(kernel.ownNamespace(), EnumSet.allOf(EventGroup.class), event -> {
            if (reconciler.concerns(event)) {
                calls.add(event);
            }
        })) {
            plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));
            reconciler.reconcile();
            plans.set(RouteFixtures.of(2, RouteFixtures.sample(2)));
            reconciler.reconcile();
            assertThat(calls).isEmpty();

            Route route = planRoutes().iterator().next();
            stack.apply(new Change.DeleteRoute(route));
            assertThat(calls).containsExactly(new KernelEvent.RouteRemoved(route));
            reconciler.reconcile();
            assertThat(planRoutes()).contains(route);

            calls.clear();
            stack.apply(new Change.SetLinkMtu(eth1.index(), 9000));
            assertThat(calls).isEmpty();
            stack.apply(new Change.SetLinkUp(eth1.index(), false));
            assertThat(calls).isNotEmpty();
        }
    }

    @Test
    void nicThatComesUpGetsItsRoutesBack() {
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));
        reconciler.reconcile();
        stack.apply(new Change.SetLinkUp(eth1.index(), false));

        NetworkState without = reconciled();
        assertThat(without.routesPresent()).isEqualTo(2);
        assertThat(without.message()).contains("NIC eth1 is missing, down", "(2 routes)");

        stack.apply(new Change.SetLinkUp(eth1.index(), true));
        assertThat(reconciled()).isEqualTo(new NetworkState("multi-nic-sample", 2, 4, 4, ""));
    }

    @Test
    void onlyAChangedStateIsPublished() {
        var published = new ArrayList<HostRoutesState>();
        reconciler.onChange(published::add);
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));

        reconciler.reconcile();
        reconciler.reconcile();
        stack.apply(new Change.DeleteRoute(planRoutes().iterator().next()));
        reconciler.reconcile();

        assertThat(published).hasSize(1);
    }

    /// Random changes of plan, kernel and NICs: after each run the kernel holds the routes of a naive model, and
    /// foreign objects are unchanged.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void randomChangesAreReconciledToTheDesiredState(long seed) {
        var walk = new Walk(new Random(seed));
        for (int step = 0; step < 200; step++) {
            walk.step();
        }
    }

    private final class Walk {
        private final Random random;
        private final Map<String, NetworkPlan> networks = new HashMap<>();
        private final Set<Route> foreignRoutes = new HashSet<>();
        private final Set<Rule> foreignRules = new HashSet<>();
        private long revision;

        Walk(Random random) {
            this.random = random;
        }

        void step() {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> changePlan();
                case 3 -> deleteSomeOfOurs();
                case 4 -> spoilOneOfOurs();
                case 5 -> strayOfOurs();
                case 6 -> foreign();
                default -> stack.apply(new Change.SetLinkUp(eth2.index(), random.nextInt(3) > 0));
            }
            plans.set(RouteFixtures.of(++revision, networks.values().toArray(NetworkPlan[]::new)));
            reconciler.reconcile();
            check();
        }

        private void changePlan() {
            int number = random.nextInt(3);
            if (random.nextInt(4) == 0) {
                networks.remove("net" + number);
                return;
            }
            NetworkPlan sample = RouteFixtures.sample(
                    "net" + number, number, "172." + (16 + number) + ".0.0/16", 1 + random.nextInt(8));
            List<PeerBlock> peers = sample.peers().stream()
                    .filter(_ -> random.nextInt(5) > 0)
                    .map(peer -> random.nextInt(4) > 0
                            ? peer
                            : new PeerBlock(
                                    peer.node(),
                                    peer.interfaceIndex(),
                                    peer.podBlock(),
                                    RouteFixtures.via(peer.interfaceIndex(), 100 + random.nextInt(100))))
                    .toList();
            networks.put("net" + number, RouteFixtures.withPeers(sample, peers.toArray(PeerBlock[]::new)));
        }

        private void deleteSomeOfOurs() {
            planRoutes().stream()
                    .filter(_ -> random.nextBoolean())
                    .forEach(route -> stack.apply(new Change.DeleteRoute(route)));
            planRules().stream()
                    .filter(_ -> random.nextBoolean())
                    .forEach(rule -> stack.apply(new Change.DeleteRule(rule)));
        }

        private void spoilOneOfOurs() {
            planRoutes().stream()
                    .findAny()
                    .ifPresent(route -> stack.apply(new Change.ReplaceRoute(new Route(
                            route.type(),
                            route.destination(),
                            route.table(),
                            route.protocol(),
                            route.priority(),
                            List.of(NextHop.via(RouteFixtures.via(0, 250), eth1.index())),
                            null))));
        }

        private void strayOfOurs() {
            int table = 13_900 + random.nextInt(6);
            var destination = Cidr.parse("172.31." + random.nextInt(256) + ".0/24");
            stack.attempt(List.of(
                    new Change.AddRoute(Route.to(destination, TableNumbers.PLAN_PROTOCOL, NextHop.dev(eth1.index()))
                            .inTable(table)),
                    new Change.AddRule(Rule.to(destination, table, table, TableNumbers.PLAN_PROTOCOL))));
        }

        /// Adds a route of another protocol in a network's table, or of the agent's protocol in another table.
        private void foreign() {
            var destination = Cidr.parse("172.30." + random.nextInt(256) + ".0/24");
            Route route = random.nextBoolean()
                    ? Route.to(destination, TableNumbers.POD_PROTOCOL, NextHop.dev(eth1.index()))
                            .inTable(13_900 + random.nextInt(4))
                    : Route.to(destination, TableNumbers.PLAN_PROTOCOL, NextHop.dev(eth1.index()))
                            .inTable(100);
            Rule rule = Rule.to(destination, 13_900, 20_000 + random.nextInt(100), 4);
            if (stack.attempt(List.of(new Change.AddRoute(route))).getFirst().done()) {
                foreignRoutes.add(route);
            }
            if (stack.attempt(List.of(new Change.AddRule(rule))).getFirst().done()) {
                foreignRules.add(rule);
            }
        }

        private void check() {
            boolean eth2Up = stack.link(eth2.index()).orElseThrow().up();
            var wantedRoutes = new HashSet<Route>();
            var wantedRules = new HashSet<Rule>();
            for (NetworkPlan network : networks.values()) {
                int table = 13_900 + network.number();
                for (PeerBlock peer : network.peers()) {
                    if (peer.interfaceIndex() == 0 || eth2Up) {
                        int link = peer.interfaceIndex() == 0 ? eth1.index() : eth2.index();
                        wantedRoutes.add(Route.to(peer.podBlock(), 139, NextHop.via(peer.via(), link))
                                .inTable(table));
                    }
                }
                wantedRules.add(Rule.to(network.network().subnets().getFirst(), table, table, 139));
            }
            assertThat(planRoutes()).isEqualTo(wantedRoutes);
            assertThat(planRules()).containsExactlyInAnyOrderElementsOf(wantedRules);
            assertThat(stack.routes(RouteFilter.all(IpFamily.IPV4))).containsAll(foreignRoutes);
            assertThat(stack.rules(IpFamily.IPV4)).containsAll(foreignRules);
        }
    }
}
