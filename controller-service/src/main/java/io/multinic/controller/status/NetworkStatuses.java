package io.multinic.controller.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.ConfigStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.Discovery;
import io.multinic.contract.crd.MultiNicNetworkStatus.NetAddress;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.wire.NetworkState;
import io.multinic.controller.status.Conditions.Finding;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Computes a network's status from what was observed.
///
/// Invariants: routeStatus is Success only if every host has every route. A status without a change is the same object
/// as before, so a comparison decides whether to write.
public final class NetworkStatuses {
    private NetworkStatuses() {}

    /// All observations of one network at one moment.
    public record Observation(
            String network,
            long generation,
            Planning planning,
            AttachmentReport attachments,
            Collection<HostReport> hosts) {
        public Observation {
            hosts = List.copyOf(hosts);
        }
    }

    /// The status after `observation`; `before` is the present status.
    public static MultiNicNetworkStatus next(
            @Nullable MultiNicNetworkStatus before, Observation observation, Instant now) {
        Optional<NetworkState> state = state(observation.planning());
        RouteSummary routes = routes(observation, state);
        Finding accepted = accepted(before, observation);
        Finding routed = routed(routes);
        Finding ready = ready(accepted, routed, observation.attachments(), state);

        List<Condition> conditionsBefore = before == null ? List.of() : before.conditions();
        var conditions = Stream.of(ready, accepted, routed)
                .map(finding -> Conditions.next(conditionsBefore, finding, observation.generation(), now))
                .toList();
        var next = new MultiNicNetworkStatus(
                computeResults(before, observation, state),
                discovery(observation),
                configStatus(accepted),
                routes.status(),
                ready.holds() ? null : ready.message(),
                Conditions.timestamp(now),
                conditions,
                observation.generation(),
                nics(before, observation, state));
        return before != null && next.equals(withSyncTime(before, next.lastSyncTime())) ? before : next;
    }

    /// True if all routes are present or none are needed: the status does not wait for hosts.
    public static boolean isSettled(MultiNicNetworkStatus status) {
        return status.routeStatus() == RouteStatus.SUCCESS || status.routeStatus() == RouteStatus.NOT_APPLICABLE;
    }

    /// The status of a network that is marked for deletion and cannot be deleted yet.
    public static MultiNicNetworkStatus deletionBlocked(
            @Nullable MultiNicNetworkStatus before, long generation, boolean inUse, String why, Instant now) {
        var base = before == null
                ? new MultiNicNetworkStatus(List.of(), null, null, null, null, null, List.of(), generation, null)
                : before;
        Finding blocked = Finding.no(
                Conditions.READY, inUse ? "AddressesInUse" : "IpamUnavailable", "cannot be deleted yet: " + why);
        var conditions = Stream.concat(
                        Stream.of(Conditions.next(base.conditions(), blocked, generation, now)),
                        base.conditions().stream().filter(c -> !Conditions.READY.equals(c.getType())))
                .toList();
        var next = new MultiNicNetworkStatus(
                base.computeResults(),
                base.discovery(),
                base.configStatus(),
                base.routeStatus(),
                blocked.message(),
                Conditions.timestamp(now),
                conditions,
                generation,
                base.nics());
        return next.equals(withSyncTime(base, next.lastSyncTime())) ? base : next;
    }

    /// True if the specification of this generation was in force when the status was written.
    public static boolean wasAccepted(@Nullable MultiNicNetworkStatus status, long generation) {
        return status != null
                && Conditions.find(status.conditions(), Conditions.CONFIG_ACCEPTED)
                        .filter(c -> "True".equals(c.getStatus()))
                        .map(Condition::getObservedGeneration)
                        .filter(observed -> observed == generation)
                        .isPresent();
    }

    private static Optional<NetworkState> state(Planning planning) {
        return switch (planning) {
            case Planning.Accepted accepted -> Optional.of(accepted.state());
            case Planning.Refused refused ->
                refused.running() instanceof Planning.Running.Earlier(NetworkState running)
                        ? Optional.of(running)
                        : Optional.empty();
            case Planning.Delegated _, Planning.Unavailable _ -> Optional.empty();
        };
    }

    private static boolean ipamAnswered(Planning planning) {
        return switch (planning) {
            case Planning.Accepted _, Planning.Delegated _ -> true;
            case Planning.Refused refused -> !(refused.running() instanceof Planning.Running.NotKnown);
            case Planning.Unavailable _ -> false;
        };
    }

    private static RouteSummary routes(Observation observation, Optional<NetworkState> state) {
        if (!ipamAnswered(observation.planning())) {
            return new RouteSummary(RouteStatus.UNKNOWN, "ipam-service cannot be asked which routes there should be");
        }
        return state.map(planned -> RouteSummary.of(planned, observation.hosts()))
                .orElseGet(() -> new RouteSummary(RouteStatus.NOT_APPLICABLE, ""));
    }

    private static Finding accepted(@Nullable MultiNicNetworkStatus before, Observation observation) {
        return switch (observation.planning()) {
            case Planning.Accepted _ ->
                Finding.yes(Conditions.CONFIG_ACCEPTED, "Accepted", "the network is planned as specified");
            case Planning.Delegated _ ->
                Finding.yes(Conditions.CONFIG_ACCEPTED, "Accepted", "addresses come from another IPAM plugin");
            case Planning.Refused refused ->
                Finding.no(
                        Conditions.CONFIG_ACCEPTED,
                        refused.cause().name(),
                        refused.reason()
                                + (refused.running() instanceof Planning.Running.Earlier
                                        ? " (the earlier definition stays in force)"
                                        : ""));
            case Planning.Unavailable unavailable ->
                wasAccepted(before, observation.generation())
                        ? Finding.yes(Conditions.CONFIG_ACCEPTED, "Accepted", "the network was planned as specified")
                        : Finding.unknown(Conditions.CONFIG_ACCEPTED, "IpamUnavailable", unavailable.reason());
        };
    }

    private static Finding routed(RouteSummary routes) {
        return switch (routes.status()) {
            case SUCCESS -> Finding.yes(Conditions.ROUTES_READY, "AllRoutesPresent", "every host has all its routes");
            case NOT_APPLICABLE -> Finding.yes(Conditions.ROUTES_READY, "NoHostRoutes", "no host needs a route");
            case WAIT_FOR_ROUTES -> Finding.no(Conditions.ROUTES_READY, "WaitForRoutes", routes.message());
            case FAILED -> Finding.no(Conditions.ROUTES_READY, "RoutesFailed", routes.message());
            case UNKNOWN -> Finding.unknown(Conditions.ROUTES_READY, "IpamUnavailable", routes.message());
        };
    }

    private static Finding ready(
            Finding accepted, Finding routed, AttachmentReport attachments, Optional<NetworkState> state) {
        if (!accepted.holds()) {
            return new Finding(Conditions.READY, accepted.status(), accepted.reason(), accepted.message());
        }
        if (!attachments.problems().isEmpty()) {
            return Finding.no(Conditions.READY, "AttachmentsBlocked", Sentences.some(attachments.problems()));
        }
        if (!routed.holds()) {
            return new Finding(Conditions.READY, routed.status(), routed.reason(), routed.message());
        }
        return state.flatMap(planned -> planned.unplaced().stream().findFirst())
                .map(nic -> Finding.no(
                        Conditions.READY,
                        "NicsWithoutBlock",
                        "NIC " + nic.nic() + " of node " + nic.node() + " got no block: " + nic.reason()
                                + others(state)))
                .orElseGet(() -> Finding.yes(Conditions.READY, "Ready", "pods can be attached"));
    }

    private static String others(Optional<NetworkState> state) {
        int others = state.map(planned -> planned.unplaced().size() - 1).orElse(0);
        return others == 0 ? "" : " (and " + others + " more)";
    }

    private static ConfigStatus configStatus(Finding accepted) {
        return switch (accepted.status()) {
            case "True" -> ConfigStatus.SUCCESS;
            case "False" -> ConfigStatus.FAILED;
            default -> ConfigStatus.WAIT_FOR_CONFIG;
        };
    }

    private static List<NetAddress> computeResults(
            @Nullable MultiNicNetworkStatus before, Observation observation, Optional<NetworkState> state) {
        if (!ipamAnswered(observation.planning())) {
            return before == null ? List.of() : before.computeResults();
        }
        return state.stream()
                .flatMap(planned -> planned.interfaces().stream())
                .map(use -> new NetAddress(use.masterNet().toString(), use.hosts()))
                .toList();
    }

    private static @Nullable Integer nics(
            @Nullable MultiNicNetworkStatus before, Observation observation, Optional<NetworkState> state) {
        if (!ipamAnswered(observation.planning())) {
            return before == null ? null : before.nics();
        }
        return state.map(planned -> planned.interfaces().stream()
                        .mapToInt(NetworkState.InterfaceUse::hosts)
                        .sum())
                .orElse(null);
    }

    private static Discovery discovery(Observation observation) {
        var hosts = observation.hosts();
        long informed = hosts.stream().filter(host -> !host.nics().isEmpty()).count();
        long processed = hosts.stream()
                .filter(host -> host.observation(observation.network())
                        .filter(seen -> seen.blocks() > 0)
                        .isPresent())
                .count();
        return new Discovery(hosts.size(), (int) informed, (int) processed);
    }

    private static MultiNicNetworkStatus withSyncTime(MultiNicNetworkStatus status, @Nullable String time) {
        return new MultiNicNetworkStatus(
                status.computeResults(),
                status.discovery(),
                status.configStatus(),
                status.routeStatus(),
                status.message(),
                time,
                status.conditions(),
                status.observedGeneration(),
                status.nics());
    }
}
