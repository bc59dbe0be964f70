package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Outcome;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What was seen in the kernel after the last reconciliation: observed, never hoped.
///
/// @param revision of the plan that it was compared with
public record HostRoutesState(long revision, List<NetworkObservation> networks) {
    public HostRoutesState {
        networks = List.copyOf(networks);
    }

    /// @param observed read after all changes
    /// @param outcomes of the changes, by network
    public static HostRoutesState of(
            String node, HostRoutesPlan wanted, ObservedRoutes observed, Map<String, List<Outcome>> outcomes) {
        var routes = new HashSet<>(observed.routes());
        var rules = new HashSet<>(observed.rules());
        return new HostRoutesState(
                wanted.revision(),
                wanted.networks().stream()
                        .map(network -> {
                            var seen = new Seen(
                                    network, routes, rules, outcomes.getOrDefault(network.network(), List.of()));
                            return new NetworkObservation(
                                    network.network(),
                                    network.blocks(),
                                    network.routesWanted(),
                                    seen.routesPresent(),
                                    seen.message(node));
                        })
                        .toList());
    }

    /// Whether everything wanted is there.
    public boolean complete() {
        return networks.stream()
                .allMatch(network ->
                        Objects.requireNonNullElse(network.message(), "").isEmpty());
    }

    private record Seen(NetworkRoutes wanted, Set<Route> routes, Set<Rule> rules, List<Outcome> outcomes) {
        int routesPresent() {
            return (int) wanted.routes().stream().filter(routes::contains).count();
        }

        String message(String node) {
            var parts = new ArrayList<>(wanted.problems());
            int missing = wanted.routes().size() - routesPresent();
            if (missing > 0) {
                parts.add(missing + " routes missing in table " + wanted.table() + why());
            }
            wanted.rules().stream()
                    .filter(rule -> !rules.contains(rule))
                    .forEach(rule -> parts.add("rule missing: " + rule + why()));
            return parts.isEmpty() ? "" : "node " + node + ": " + String.join("; ", parts);
        }

        private String why() {
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
                case EPERM, EACCES -> "run the agent with the capability NET_ADMIN";
                case ENOMEM, ENOBUFS, ENOSPC -> "the kernel has no room; see its log";
                default -> "see the agent's log";
            };
        }
    }
}
