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
    private static final int NAMED_HOSTS = 3;

    static RouteSummary of(NetworkState state, Collection<HostReport> hosts) {
        if (!state.network().hostRoutes()) {
            return new RouteSummary(RouteStatus.NOT_APPLICABLE, "");
        }
        var concerned = concerned(state, hosts);
        var failures = new ArrayList<String>();
        var missing = new ArrayList<String>();
        for (HostReport host : concerned) {
            failure(state, host)
                    .ifPresentOrElse(failures::add, () -> absence(state, host).ifPresent(missing::add));
        }
        if (!failures.isEmpty()) {
            return new RouteSummary(RouteStatus.FAILED, some(failures));
        }
        if (!missing.isEmpty()) {
            return new RouteSummary(
                    RouteStatus.WAIT_FOR_ROUTES,
                    (concerned.size() - missing.size()) + " of " + concerned.size() + " hosts have their routes; "
                            + some(missing));
        }
        return silent(state, hosts)
                .map(message -> new RouteSummary(RouteStatus.WAIT_FOR_ROUTES, message))
                .orElseGet(() -> concerned.isEmpty()
                        ? new RouteSummary(RouteStatus.WAIT_FOR_ROUTES, "no host has a NIC in " + nets(state))
                        : new RouteSummary(RouteStatus.SUCCESS, ""));
    }

    /// The hosts that have a NIC which the plan places.
    private static List<HostReport> concerned(NetworkState state, Collection<HostReport> hosts) {
        Set<Cidr> nets = state.interfaces().stream()
                .map(NetworkState.InterfaceUse::masterNet)
                .collect(Collectors.toSet());
        Set<NicKey> unplaced = state.unplaced().stream()
                .map(nic -> new NicKey(nic.node(), nic.nic()))
                .collect(Collectors.toSet());
        return hosts.stream()
                .filter(host -> host.nics().stream()
                        .anyMatch(nic -> nic.networks().stream().anyMatch(nets::contains)
                                && !unplaced.contains(new NicKey(host.node(), nic.name()))))
                .toList();
    }

    private static Optional<String> failure(NetworkState state, HostReport host) {
        return host.observation(state.network().name())
                .map(NetworkObservation::message)
                .filter(message -> !message.isBlank())
                .map(message -> "node " + host.node() + ": " + message);
    }

    private static Optional<String> absence(NetworkState state, HostReport host) {
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
        if (seen.routesPresent() < seen.routesWanted()) {
            return Optional.of(node + " has " + seen.routesPresent() + " of " + seen.routesWanted() + " routes");
        }
        return Optional.empty();
    }

    /// The plan counts more hosts on a network than have a HostInterface there: some host does not speak.
    private static Optional<String> silent(NetworkState state, Collection<HostReport> hosts) {
        for (var use : state.interfaces()) {
            long seen = hosts.stream()
                    .filter(host ->
                            host.nics().stream().anyMatch(nic -> nic.networks().contains(use.masterNet())))
                    .count();
            if (seen < use.hosts()) {
                return Optional.of(use.hosts() + " hosts have a block on " + use.masterNet() + ", but only " + seen
                        + " have a HostInterface with a NIC there");
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

    private static String some(List<String> messages) {
        String named = messages.stream().limit(NAMED_HOSTS).collect(Collectors.joining("; "));
        return messages.size() <= NAMED_HOSTS ? named : named + "; and " + (messages.size() - NAMED_HOSTS) + " more";
    }

    private record NicKey(String node, String nic) {}
}
