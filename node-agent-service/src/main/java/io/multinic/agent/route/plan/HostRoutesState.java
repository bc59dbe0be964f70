package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Outcome;
import io.multinic.agent.kernel.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/// Observed state of the host routes: what the kernel held after the last reconciliation.
///
/// @param revision of the plan that the kernel was compared with
public record HostRoutesState(long revision, List<NetworkState> networks) {
    public HostRoutesState {
        networks = List.copyOf(networks);
    }

    /// Observed state of one network.
    ///
    /// @param blocks number of blocks that this node has in the network
    /// @param message empty if all routes and rules are present; otherwise names the objects and the remedy
    public record NetworkState(String network, int blocks, int routesWanted, int routesPresent, String message) {
        public boolean complete() {
            return message.isEmpty();
        }
    }

    /// @param observed read after all changes
    /// @param outcomes of the changes, by network
    public static HostRoutesState of(
            String node, HostRoutesPlan wanted, ObservedRoutes observed, Map<String, List<Outcome>> outcomes) {
        var rules = new HashSet<>(observed.rules());
        return new HostRoutesState(
                wanted.revision(),
                wanted.networks().stream()
                        .map(network -> new Comparison(
                                        network,
                                        presentRoutes(network, observed),
                                        rules,
                                        outcomes.getOrDefault(network.network(), List.of()))
                                .state(node))
                        .toList());
    }

    /// True if all routes and rules of all networks are present.
    public boolean complete() {
        return networks.stream().allMatch(NetworkState::complete);
    }

    private static int presentRoutes(NetworkRoutes network, ObservedRoutes observed) {
        RouteSet present = observed.routes(network.table());
        if (present == null) {
            return 0;
        }
        RouteArray wanted = network.routeSet().array();
        return (int) IntStream.range(0, wanted.size())
                .filter(index -> present.contains(wanted, index))
                .count();
    }

    private record Comparison(NetworkRoutes wanted, int routesPresent, Set<Rule> rules, List<Outcome> outcomes) {
        NetworkState state(String node) {
            return new NetworkState(
                    wanted.network(), wanted.blocks(), wanted.routesWanted(), routesPresent, message(node));
        }

        private String message(String node) {
            var parts = new ArrayList<>(wanted.problems());
            int missing = wanted.routes().size() - routesPresent;
            if (missing > 0) {
                parts.add(missing + " routes missing in table " + wanted.table() + reason());
            }
            wanted.rules().stream()
                    .filter(rule -> !rules.contains(rule))
                    .forEach(rule -> parts.add("rule missing: " + rule + reason()));
            return parts.isEmpty() ? "" : "node " + node + ": " + String.join("; ", parts);
        }

        private String reason() {
            return outcomes.stream()
                    .map(Outcome::failure)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .map(failure -> ": " + failure.getMessage() + "; " + remedy(failure))
                    .orElse("; another program removes them; the agent puts them back");
        }

        private static String remedy(KernelException failure) {
            return switch (failure.errno()) {
                case ENETUNREACH, EHOSTUNREACH, EINVAL, ENETDOWN, ENODEV ->
                    "check that the NIC is up and has an address in the network of the gateway";
                case EEXIST -> "remove the object of the same key that another program has put there";
                case EPERM -> "run the agent with the capability NET_ADMIN";
                case EACCES -> "enable IPv6 on the NIC (sysctl disable_ipv6), or run the agent with NET_ADMIN";
                case EAFNOSUPPORT, EOPNOTSUPP -> "the network has no connection on this node until then";
                case ENOMEM, ENOBUFS, ENOSPC -> "the kernel has no room; see its log";
                default -> "see the agent's log";
            };
        }
    }
}
