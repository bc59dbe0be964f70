package io.multinic.controller.status;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.wire.NetworkState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Whether every host has every route of a network; `message` says what is missing and where, empty when nothing is.
///
/// SUCCESS is only ever said when each host that the plan counts has reported the plan's revision, with all the routes
/// that this revision wants. A host that says nothing counts against it.
record RouteSummary(RouteStatus status, String message) {
    static RouteSummary of(NetworkState state, Collection<HostReport> hosts) {
        if (!state.network().hostRoutes()) {
            return new RouteSummary(RouteStatus.NOT_APPLICABLE, "");
        }
        var placed = hosts.stream().map(host -> PlacedHost.of(state, host)).toList();
        var concerned = placed.stream().filter(PlacedHost::isConcerned).toList();
        var failures = new ArrayList<String>();
        var missing = new ArrayList<String>();
        for (PlacedHost host : concerned) {
            failure(state, host.report())
                    .ifPresentOrElse(failures::add, () -> absence(state, host).ifPresent(missing::add));
        }
        if (!failures.isEmpty()) {
            return new RouteSummary(RouteStatus.FAILED, Sentences.some(failures));
        }
        if (!missing.isEmpty()) {
            return new RouteSummary(
                    RouteStatus.WAIT_FOR_ROUTES,
                    (concerned.size() - missing.size()) + " of " + concerned.size() + " hosts have their routes; "
                            + Sentences.some(missing));
        }
        return silent(state, placed)
                .map(message -> new RouteSummary(RouteStatus.WAIT_FOR_ROUTES, message))
                .orElseGet(() -> concerned.isEmpty()
                        ? new RouteSummary(RouteStatus.WAIT_FOR_ROUTES, "no host has a NIC in " + nets(state))
                        : new RouteSummary(RouteStatus.SUCCESS, ""));
    }

    private static Optional<String> failure(NetworkState state, HostReport host) {
        return host.observation(state.network().name())
                .map(NetworkObservation::message)
                .filter(message -> !message.isBlank())
                .map(message -> message.startsWith("node ") ? message : "node " + host.node() + ": " + message);
    }

    private static Optional<String> absence(NetworkState state, PlacedHost placed) {
        HostReport host = placed.report();
        String node = "node " + host.node();
        var seen = host.observation(state.network().name()).orElse(null);
        if (host.status() == null || seen == null) {
            return Optional.of(node + " has not reported");
        }
        long revision = host.status().planRevision() == null ? 0 : host.status().planRevision();
        if (revision < state.revision()) {
            return Optional.of(node + " is at plan revision " + revision + ", not yet at " + state.revision());
        }
        if (seen.blocks() == 0) {
            return Optional.of(node + " has no block yet");
        }
        long least = placed.leastRoutes(state);
        if (seen.routesWanted() < least) {
            return Optional.of(node + " knows of " + seen.routesWanted() + " routes, not yet of " + least);
        }
        if (seen.routesPresent() < seen.routesWanted()) {
            return Optional.of(node + " has " + seen.routesPresent() + " of " + seen.routesWanted() + " routes");
        }
        return Optional.empty();
    }

    /// The plan has more blocks on a network than HostInterfaces have NICs there: some host does not speak.
    private static Optional<String> silent(NetworkState state, List<PlacedHost> hosts) {
        for (int i = 0; i < state.interfaces().size(); i++) {
            var use = state.interfaces().get(i);
            int index = i;
            long seen = hosts.stream()
                    .mapToLong(host -> host.nicsByInterface().get(index))
                    .sum();
            if (seen < use.hosts()) {
                return Optional.of("the plan has " + use.hosts() + " blocks on " + use.masterNet()
                        + ", but HostInterfaces name only " + seen + " NICs there");
            }
        }
        return Optional.empty();
    }

    private static String nets(NetworkState state) {
        var nets = state.network().masterNets();
        return nets.isEmpty()
                ? "any network"
                : nets.stream().map(Cidr::toString).collect(Collectors.joining(", "));
    }

    /// A host and how many of its NICs the plan places on each interface index, in the order of the plan.
    private record PlacedHost(HostReport report, List<Long> nicsByInterface) {
        static PlacedHost of(NetworkState state, HostReport report) {
            Set<String> unplaced = state.unplaced().stream()
                    .filter(nic -> nic.node().equals(report.node()))
                    .map(NetworkState.Unplaced::nic)
                    .collect(Collectors.toSet());
            return new PlacedHost(
                    report,
                    state.interfaces().stream()
                            .map(use -> report.nics().stream()
                                    .filter(nic -> nic.networks().contains(use.masterNet()))
                                    .filter(nic -> !unplaced.contains(nic.name()))
                                    .count())
                            .toList());
        }

        boolean isConcerned() {
            return nicsByInterface.stream().anyMatch(nics -> nics > 0);
        }

        /// At least this many routes: one to each block on the host's networks that is not its own.
        ///
        /// A host that wants fewer does not know all its peers yet, whatever revision it is at: hosts
        /// that join do not change the network's revision.
        long leastRoutes(NetworkState state) {
            long routes = 0;
            for (int i = 0; i < nicsByInterface.size(); i++) {
                long own = nicsByInterface.get(i);
                routes += own == 0 ? 0 : Math.max(0, state.interfaces().get(i).hosts() - own);
            }
            return routes;
        }
    }
}
