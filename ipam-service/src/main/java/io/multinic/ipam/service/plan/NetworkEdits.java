package io.multinic.ipam.service.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPreview;
import io.multinic.ipam.plan.OccupiedAddresses.OtherSubnet;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.ledger.HoldingQueries;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.NodeStore;
import io.multinic.ipam.store.plan.ReservationStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Decisions on changes of network definitions. Runs within the caller's transaction and changes nothing.
public final class NetworkEdits {
    private final NetworkStore networks;
    private final NodeStore nodes;
    private final NetworkPlanning planning;
    private final BlockRecovery recovery;
    private final HoldingQueries holdings;
    private final ReservationStore reservations;

    public NetworkEdits(
            NetworkStore networks,
            NodeStore nodes,
            NetworkPlanning planning,
            BlockRecovery recovery,
            HoldingQueries holdings,
            ReservationStore reservations) {
        this.networks = networks;
        this.nodes = nodes;
        this.planning = planning;
        this.recovery = recovery;
        this.holdings = holdings;
        this.reservations = reservations;
    }

    /// Decides on a PUT of the definition.
    Edit decide(NetworkDefinition definition) {
        Optional<NetworkRecord> stored = networks.find(definition.name());
        if (stored.isPresent() && definition.equals(stored.get().definition())) {
            return new Edit.Nothing(stored.get());
        }
        NetworkPlanning.Planned planned = planning.planAll(definition, stored);
        Optional<String> overlap = overlap(definition);
        if (overlap.isPresent()) {
            return new Edit.Refused(ErrorCode.INVALID_NETWORK, overlap.get(), planned);
        }
        Optional<String> reasonToKeep =
                stored.flatMap(network -> recovery.reasonToKeep(network, planned.vacatedBlocks()));
        if (reasonToKeep.isPresent()) {
            return new Edit.Refused(ErrorCode.QUARANTINED, reasonToKeep.get(), planned);
        }
        return stored.flatMap(network -> obstacle(network, definition, planned))
                .<Edit>map(obstacle -> new Edit.Refused(
                        ErrorCode.NETWORK_EDIT_REFUSED, "network " + definition.name() + ": " + obstacle, planned))
                .orElseGet(() -> new Edit.Accepted(stored, planned));
    }

    /// Reason why the edit is not possible, if there is one.
    private Optional<String> obstacle(
            NetworkRecord network, NetworkDefinition definition, NetworkPlanning.Planned planned) {
        return holdings.heldIn(network, planned.vacatedBlocks())
                .map(held -> "the edit would take block " + held.block() + " from node " + held.node() + ", where "
                        + held.address()
                        + " is in use; delete the pods that use the network first, or undo the edit")
                .or(() -> reservations
                        .outside(network, addresses(definition, planned.plan()))
                        .map(reservation -> "the edit would leave reservation " + ReservationText.name(reservation)
                                + " outside the network; remove it first, or undo the edit"));
    }

    private static List<Cidr> addresses(NetworkDefinition definition, Plan plan) {
        return Stream.concat(
                        definition.subnets().stream(),
                        plan.interfaces().stream().flatMap(slot -> slot.blocks().stream()))
                .toList();
    }

    /// Reason why the definition's addresses overlap those of another network. NIC networks that the definition
    /// does not name are checked by the planner.
    private Optional<String> overlap(NetworkDefinition definition) {
        boolean dividesNicNetworks = definition.dividesNicNetworks();
        for (OtherSubnet other : networks.otherSubnets(definition.name())) {
            for (Cidr ours : dividesNicNetworks ? definition.masterNets() : definition.subnets()) {
                if (ours.overlaps(other.subnet())) {
                    return Optional.of("network " + definition.name() + ": "
                            + (dividesNicNetworks ? "masterNet " : "subnet ") + ours + " overlaps " + other.subnet()
                            + " of network " + other.network() + "; choose another subnet");
                }
            }
        }
        return Optional.empty();
    }

    /// Preview of a PUT of the definition.
    NetworkPreview preview(NetworkDefinition definition) {
        Map<String, String> names = nodes.names();
        return switch (decide(definition)) {
            case Edit.Nothing(NetworkRecord network) ->
                Previews.of(definition, planning.planAll(definition, Optional.of(network)), Optional.empty(), names);
            case Edit.Accepted accepted -> Previews.of(definition, accepted.planned(), Optional.empty(), names);
            case Edit.Refused refused ->
                Previews.of(
                        definition,
                        refused.planned(),
                        Optional.of(new Previews.Refusal(refused.code(), refused.reason())),
                        names);
        };
    }

    /// Checks that the network may be removed.
    ///
    /// @throws MultiNicException IN_USE while pods hold addresses of it, or QUARANTINED while that is unknown
    void requireUnused(NetworkRecord network) {
        recovery.reasonToKeep(network, null).ifPresent(reason -> {
            throw new MultiNicException(ErrorCode.QUARANTINED, reason);
        });
        var open = holdings.openByNode(network);
        if (!open.isEmpty()) {
            long count = open.values().stream().mapToLong(Long::longValue).sum();
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "network " + network.name() + ": " + count + " addresses are in use on nodes "
                            + firstTen(open.keySet()) + "; delete the pods that use the network first");
        }
    }

    private static String firstTen(Set<String> nodes) {
        String first = nodes.stream().limit(10).collect(Collectors.joining(", "));
        return nodes.size() <= 10 ? first : first + " and " + (nodes.size() - 10) + " more";
    }
}
