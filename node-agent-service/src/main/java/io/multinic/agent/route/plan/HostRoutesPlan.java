package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Desired host routes and rules, derived from a plan and the NICs that are present.
///
/// Each network with host routes has one table, a rule for each subnet that leads to it, and for each block of a peer
/// the route `<block> via <address of the peer's NIC> dev <own NIC in that NIC's network>`. If several own NICs are in
/// that network, the one is used whose block has the interface index of the peer's block, so that rails stay separate.
///
/// Addresses that are excluded from a peer's block are not the peer's; most are addresses of hosts in a network that
/// pods and hosts share. A `throw` route passes their packets on to the other tables; without it they would be sent to
/// the peer. In IPv6 the route leads to the own NIC instead, if the address is in that NIC's network: the kernel treats
/// a gateway that matches a `throw` route as unreachable.
///
/// A peer in a network in which this node has no NIC gets no route. A peer that the own block of the same interface
/// index should reach, but does not, is a problem.
public record HostRoutesPlan(long revision, List<NetworkRoutes> networks) {
    public HostRoutesPlan {
        networks = List.copyOf(networks);
    }

    public static HostRoutesPlan wanted(NodePlan plan, List<LocalNic> nics) {
        return new HostRoutesPlan(
                plan.revision(),
                plan.networks().stream()
                        .map(network -> new NetworkRouting(network, nics).wanted())
                        .toList());
    }

    /// True if an event shows that the kernel deviates from this plan. Events of the agent's own changes do not.
    public boolean contradicts(KernelEvent event) {
        return switch (event) {
            case KernelEvent.RouteChanged(Route route) ->
                ObservedRoutes.ours(route)
                        && networks.stream().noneMatch(n -> n.routes().contains(route));
            case KernelEvent.RouteRemoved(Route route) ->
                ObservedRoutes.ours(route)
                        && networks.stream().anyMatch(n -> n.routes().contains(route));
            case KernelEvent.RuleAdded(Rule rule) ->
                ObservedRoutes.ours(rule)
                        && networks.stream().noneMatch(n -> n.rules().contains(rule));
            case KernelEvent.RuleRemoved(Rule rule) ->
                ObservedRoutes.ours(rule)
                        && networks.stream().anyMatch(n -> n.rules().contains(rule));
            case KernelEvent.Overrun() -> true;
            case KernelEvent.LinkChanged _, KernelEvent.LinkRemoved _ -> false;
            case KernelEvent.AddressChanged _, KernelEvent.AddressRemoved _ -> false;
        };
    }

    /// Derives the routes of one network; a problem of one network does not affect another.
    private static final class NetworkRouting {
        private final NetworkPlan plan;
        private final List<LocalNic> nics;
        private final Map<Integer, List<LocalNic>> rails = new LinkedHashMap<>();
        private final RouteArray routes;
        private final Map<String, Integer> problems = new TreeMap<>();
        private int unroutableDuplicates;

        NetworkRouting(NetworkPlan plan, List<LocalNic> nics) {
            this.plan = plan;
            this.nics = nics;
            this.routes = new RouteArray(TableNumbers.table(plan));
        }

        NetworkRoutes wanted() {
            String name = plan.network().name();
            int table = TableNumbers.table(plan);
            if (!plan.network().hostRoutes()) {
                return new NetworkRoutes(name, plan.blocks().size(), table, Set.of(), Set.of(), 0, List.of());
            }
            if (!TableNumbers.ours(table)) {
                String problem = "network number " + plan.number() + " has no route table; delete unused networks";
                return new NetworkRoutes(
                        name,
                        plan.blocks().size(),
                        table,
                        Set.of(),
                        Set.of(),
                        plan.peers().size(),
                        List.of(problem));
            }
            for (NicBlock block : plan.blocks()) {
                nic(block.nic())
                        .ifPresent(nic -> rails.computeIfAbsent(block.interfaceIndex(), _ -> new ArrayList<>())
                                .add(nic));
            }
            int unroutable = 0;
            // First, because the kernel uses these tables to resolve gateways too, and gateways may be excluded.
            plan.peers().forEach(peer -> peer.excluded().forEach(part -> exclude(part, peer, table)));
            int exclusions = routes.size();
            for (PeerBlock peer : plan.peers()) {
                unroutable += route(peer, table);
            }
            RouteArray unique = withoutDuplicates(exclusions);
            unroutable += unroutableDuplicates;
            List<String> messages = problems.entrySet().stream()
                    .map(problem -> problem.getKey() + " (" + problem.getValue() + " routes)")
                    .toList();
            return new NetworkRoutes(
                    name, plan.blocks().size(), table, rules(table), new RouteSet(unique), unroutable, messages);
        }

        /// A network without subnets has its blocks inside the NICs' networks.
        private Set<Rule> rules(int table) {
            var rules = new LinkedHashSet<Rule>();
            List<Cidr> subnets = plan.network().subnets().isEmpty()
                    ? plan.blocks().stream().map(NicBlock::interfaceBlock).toList()
                    : plan.network().subnets();
            for (Cidr subnet : subnets) {
                rules.add(Rule.to(subnet, table, TableNumbers.rulePriority(plan), TableNumbers.PLAN_PROTOCOL));
            }
            return rules;
        }

        private void exclude(Cidr excluded, PeerBlock peer, int table) {
            Route route = nicTowards(peer)
                    .filter(nic -> excluded.family() == IpFamily.IPV6)
                    .filter(nic -> nic.networks().stream().anyMatch(net -> net.contains(excluded)))
                    .map(nic -> Route.to(excluded, TableNumbers.PLAN_PROTOCOL, NextHop.dev(nic.index())))
                    .orElseGet(() -> Route.elsewhere(excluded, TableNumbers.PLAN_PROTOCOL));
            routes.add(route.inTable(table));
        }

        /// @return number of routes that should exist and cannot: 0 or 1
        private int route(PeerBlock peer, int table) {
            if (peer.excluded().contains(peer.podBlock())) {
                return 0;
            }
            if (peer.via().family() != peer.podBlock().family()) {
                return problem("gateway " + peer.via() + " of peer " + peer.node()
                        + " is not of the family of its block; give the NICs addresses of both families");
            }
            Optional<LocalNic> out = nicTowards(peer);
            if (out.isEmpty()) {
                return expected(peer) ? problem(whyUnreachable(peer)) : 0;
            }
            routes.add(Route.to(
                            peer.podBlock(),
                            TableNumbers.PLAN_PROTOCOL,
                            NextHop.via(peer.via(), out.get().index()))
                    .inTable(table));
            return 0;
        }

        /// Of several routes to one destination the last exclusion is used, or else the first peer's.
        ///
        /// @param exclusions number of routes of exclusions, which are the first ones
        private RouteArray withoutDuplicates(int exclusions) {
            int[] order = routes.sorted();
            var dropped = new BitSet();
            int from = 0;
            while (from < order.length) {
                int to = from + 1;
                while (to < order.length && routes.compareKeys(order[from], routes, order[to]) == 0) {
                    to++;
                }
                int used = from;
                while (used + 1 < to && order[used + 1] < exclusions) {
                    used++;
                }
                for (int other = from; other < to; other++) {
                    if (other != used) {
                        dropped.set(order[other]);
                        reportDuplicate(order[used], order[other], exclusions);
                    }
                }
                from = to;
            }
            if (dropped.isEmpty()) {
                return routes;
            }
            var unique = new RouteArray(TableNumbers.table(plan));
            for (int i = 0; i < routes.size(); i++) {
                if (!dropped.get(i)) {
                    unique.add(routes.get(i));
                }
            }
            return unique;
        }

        private void reportDuplicate(int used, int other, int exclusions) {
            Route route = routes.get(other);
            if (other >= exclusions && !route.equals(routes.get(used))) {
                unroutableDuplicates +=
                        problem("two peers have block " + route.destination() + " in plan; the first is used");
            }
        }

        private Optional<LocalNic> nicTowards(PeerBlock peer) {
            return rails.getOrDefault(peer.interfaceIndex(), List.of()).stream()
                    .filter(nic -> nic.reaches(peer.via()))
                    .findFirst()
                    .or(() ->
                            nics.stream().filter(nic -> nic.reaches(peer.via())).findFirst());
        }

        private Optional<LocalNic> nic(String name) {
            return nics.stream().filter(nic -> nic.name().equals(name)).findFirst();
        }

        private boolean expected(PeerBlock peer) {
            return plan.blocks().stream().anyMatch(block -> block.interfaceIndex() == peer.interfaceIndex());
        }

        private String whyUnreachable(PeerBlock peer) {
            String name = plan.blocks().stream()
                    .filter(block -> block.interfaceIndex() == peer.interfaceIndex())
                    .findFirst()
                    .orElseThrow()
                    .nic();
            return nic(name).isEmpty()
                    ? "NIC " + name + " is missing, down or without an address; bring it back"
                    : "no network of NIC " + name + " contains the peers' gateways, such as " + peer.via() + " of "
                            + peer.node() + "; correct the NIC's address";
        }

        private int problem(String text) {
            problems.merge(text, 1, Integer::sum);
            return 1;
        }
    }
}
