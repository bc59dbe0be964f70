package io.multinic.controller.status;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NetworkState.InterfaceUse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Summary of a network's routes on all hosts.
///
/// SUCCESS requires that each host in the plan has reported the plan's revision and all the routes that this revision
/// wants. A host that has not reported prevents it.
///
/// @param message missing routes and their hosts; empty if none are missing
record RouteSummary(RouteStatus status, String message) {
    static RouteSummary of(NetworkState state, Collection<HostReport> hosts) {
        if (!state.network().hostRoutes()) {
            return new RouteSummary(RouteStatus.NOT_APPLICABLE, "");
        }
        var placed = hosts.stream().map(host -> PlacedHost.of(state, host)).toList();
        var withNics = placed.stream().filter(PlacedHost::isPlaced).toList();
        var failures = new ArrayList<String>();
        var missing = new ArrayList<String>();
        for (PlacedHost host : withNics) {
            failure(state, host.report())
                    .ifPresentOrElse(
                            failures::add, () -> missingRoutes(state, host).ifPresent(missing::add));
        }
        if (!failures.isEmpty()) {
            return new RouteSummary(RouteStatus.FAILED, Sentences.some(failures));
        }
        if (!missing.isEmpty()) {
            return new RouteSummary(
                    RouteStatus.WAIT_FOR_ROUTES,
                    (withNics.size() - missing.size()) + " of " + withNics.size() + " hosts have their routes; "
                            + Sentences.some(missing));
        }
        return unreportedHosts(state, placed)
                .map(message -> new RouteSummary(RouteStatus.WAIT_FOR_ROUTES, message))
                .orElseGet(() -> withNics.isEmpty()
                        ? new RouteSummary(RouteStatus.WAIT_FOR_ROUTES, "no host has a NIC in " + nets(state))
                        : new RouteSummary(RouteStatus.SUCCESS, ""));
    }

    private static Optional<String> failure(NetworkState state, HostReport host) {
        return host.observation(state.network().name())
                .map(NetworkObservation::message)
                .filter(message -> !message.isBlank())
                .map(message -> message.startsWith("node ") ? message : "node " + host.node() + ": " + message);
    }

    private static Optional<String> missingRoutes(NetworkState state, PlacedHost placed) {
        HostReport host = placed.report();
        String node = "node " + host.node();
        var seen = host.observation(state.network().name()).orElse(null);
        if (host.status() == null || seen == null) {
            return Optional.of(node + " has not reported");
        }
        long revision = host.status().planRevision() == null ? 0 : host.status().planRevision();
        if (revision < placed.revision()) {
            return Optional.of(node + " is at plan revision " + revision + ", not yet at " + placed.revision());
        }
        if (seen.blocks() == 0) {
            return Optional.of(node + " has no block yet");
        }
        if (seen.routesPresent() < seen.routesWanted()) {
            return Optional.of(node + " has " + seen.routesPresent() + " of " + seen.routesWanted() + " routes");
        }
        return Optional.empty();
    }

    /// Finds a network on which the plan has more hosts than there are HostInterfaces with a NIC on it.
    private static Optional<String> unreportedHosts(NetworkState state, List<PlacedHost> hosts) {
        for (InterfaceUse use : state.interfaces()) {
            long seen = hosts.stream()
                    .filter(host -> host.interfaces().contains(use))
                    .count();
            if (seen < use.hosts()) {
                return Optional.of("the plan has " + use.hosts() + " hosts on " + use.masterNet()
                        + ", but HostInterfaces name only " + seen);
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

    /// A host with the interface indexes on which the plan places one of its NICs.
    ///
    /// @param revision plan revision that the host must have reached
    private record PlacedHost(HostReport report, List<InterfaceUse> interfaces, long revision) {
        static PlacedHost of(NetworkState state, HostReport report) {
            Set<String> unplaced = state.unplaced().stream()
                    .filter(nic -> nic.node().equals(report.node()))
                    .map(NetworkState.Unplaced::nic)
                    .collect(Collectors.toSet());
            var interfaces = state.interfaces().stream()
                    .filter(use -> report.nics().stream()
                            .anyMatch(
                                    nic -> nic.networks().contains(use.masterNet()) && !unplaced.contains(nic.name())))
                    .toList();
            long revision =
                    interfaces.stream().mapToLong(InterfaceUse::revision).reduce(state.revision(), Math::max);
            return new PlacedHost(report, interfaces, revision);
        }

        boolean isPlaced() {
            return !interfaces.isEmpty();
        }
    }
}
