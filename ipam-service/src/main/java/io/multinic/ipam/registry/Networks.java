package io.multinic.ipam.registry;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPreview;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NetworkUsage;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.plan.Occupied.OtherSubnet;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.store.AdminChange;
import io.multinic.ipam.store.AuditEvents;
import io.multinic.ipam.store.HoldingQueries;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.NetworkStore;
import io.multinic.ipam.store.NodeStore;
import io.multinic.ipam.store.PlanChanges;
import io.multinic.ipam.store.PlanQueries;
import io.multinic.ipam.store.PlanStore;
import io.multinic.ipam.store.ReservationStore;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.UsageCursor;
import io.multinic.ipam.store.UsageQueries;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What networks should exist, and what became of them.
public final class Networks {
    private static final Logger LOG = LoggerFactory.getLogger(Networks.class);
    private static final int MAX_UNPLACED = 1_000;

    private final Transactions transactions;
    private final NetworkStore networks;
    private final NodeStore nodes;
    private final NetworkPlanning planning;
    private final Restorations restorations;
    private final PlanStore plans;
    private final PlanChanges changes;
    private final PlanQueries queries;
    private final UsageQueries usages;
    private final HoldingQueries holdings;
    private final ReservationStore reservations;
    private final AuditEvents audit;

    public Networks(
            Transactions transactions,
            NetworkStore networks,
            NodeStore nodes,
            NetworkPlanning planning,
            Restorations restorations,
            PlanStore plans,
            PlanChanges changes,
            PlanQueries queries,
            UsageQueries usages,
            HoldingQueries holdings,
            ReservationStore reservations,
            AuditEvents audit) {
        this.transactions = transactions;
        this.networks = networks;
        this.nodes = nodes;
        this.planning = planning;
        this.restorations = restorations;
        this.plans = plans;
        this.changes = changes;
        this.queries = queries;
        this.usages = usages;
        this.holdings = holdings;
        this.reservations = reservations;
        this.audit = audit;
    }

    /// Makes the network what the definition says. The same definition again changes nothing.
    ///
    /// @param caller who asks for it
    /// @throws MultiNicException INVALID_NETWORK, or NETWORK_EDIT_REFUSED if a block that is in use would move, or
    ///     QUARANTINED if nobody knows whether it is
    public NetworkState put(NetworkDefinition definition, String caller) {
        return transactions.write(() -> {
            plans.lock();
            switch (decide(definition)) {
                case Edit.Nothing _ -> {}
                case Edit.Accepted accepted -> {
                    define(definition, accepted);
                    audit.record(defined(definition, accepted.stored(), caller));
                }
                case Edit.Refused refused -> throw new MultiNicException(refused.code(), refused.reason());
            }
            return state(definition.name());
        });
    }

    private static AdminChange defined(NetworkDefinition definition, Optional<NetworkRecord> stored, String caller) {
        Map<String, Object> details = new HashMap<>();
        details.put("definition", definition);
        stored.ifPresent(before -> details.put("before", Objects.requireNonNull(before.definition())));
        var action = stored.isEmpty() ? AuditAction.NETWORK_DEFINED : AuditAction.NETWORK_EDITED;
        return AdminChange.ofNetwork(caller, action, definition.name(), details);
    }

    /// What [#put] would do; nothing is changed.
    public NetworkPreview preview(NetworkDefinition definition) {
        return transactions.read(() -> {
            Map<String, String> names = nodes.names();
            return switch (decide(definition)) {
                case Edit.Nothing(NetworkRecord network) ->
                    Previews.of(definition, planning.all(definition, Optional.of(network)), Optional.empty(), names);
                case Edit.Accepted accepted -> Previews.of(definition, accepted.planned(), Optional.empty(), names);
                case Edit.Refused refused ->
                    Previews.of(
                            definition,
                            refused.planned(),
                            Optional.of(new Previews.Refusal(refused.code(), refused.reason())),
                            names);
            };
        });
    }

    private Edit decide(NetworkDefinition definition) {
        Optional<NetworkRecord> stored = networks.find(definition.name());
        if (stored.isPresent() && definition.equals(stored.get().definition())) {
            return new Edit.Nothing(stored.get());
        }
        NetworkPlanning.Planned planned = planning.all(definition, stored);
        Optional<String> overlap = overlap(definition);
        if (overlap.isPresent()) {
            return new Edit.Refused(ErrorCode.INVALID_NETWORK, overlap.get(), planned);
        }
        Optional<String> unspoken = stored.flatMap(network -> restorations.unspoken(network, planned.takenAway()));
        if (unspoken.isPresent()) {
            return new Edit.Refused(ErrorCode.QUARANTINED, unspoken.get(), planned);
        }
        return stored.flatMap(network -> obstacle(network, definition, planned))
                .<Edit>map(obstacle -> new Edit.Refused(
                        ErrorCode.NETWORK_EDIT_REFUSED, "network " + definition.name() + ": " + obstacle, planned))
                .orElseGet(() -> new Edit.Accepted(stored, planned));
    }

    /// Why the edit cannot be made, if it cannot.
    private Optional<String> obstacle(
            NetworkRecord network, NetworkDefinition definition, NetworkPlanning.Planned planned) {
        return holdings.heldIn(network, planned.takenAway())
                .map(held -> "the edit would take block " + held.block() + " from node " + held.node() + ", where "
                        + held.address()
                        + " is in use; delete the pods that use the network first, or undo the edit")
                .or(() -> reservations
                        .outside(network, addresses(definition, planned.plan()))
                        .map(reservation -> "the edit would leave reservation " + Reservations.name(reservation)
                                + " outside the network; remove it first, or undo the edit"));
    }

    private static List<Cidr> addresses(NetworkDefinition definition, Plan plan) {
        return Stream.concat(
                        definition.subnets().stream(),
                        plan.interfaces().stream().flatMap(slot -> slot.blocks().stream()))
                .toList();
    }

    /// The addresses that the definition names must be no other network's. NICs' networks that are found and not named
    /// are looked at by the planner.
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

    private void define(NetworkDefinition definition, Edit.Accepted edit) {
        long revision = plans.nextRevision();
        NetworkRecord network = networks.define(definition, revision);
        networks.replaceSubnets(network, definition.subnets());
        planning.store(network, edit.planned(), revision);
        if (edit.stored().isEmpty()) {
            // An earlier network of this name may be known to agents with other peers.
            changes.forget(revision);
        } else {
            giveUpSubnets(network, revision);
        }
        PlanDiff diff = edit.planned().diff();
        LOG.atInfo()
                .addKeyValue("network", definition.name())
                .addKeyValue("revision", revision)
                .addKeyValue("blocksAdded", diff.added().size())
                .addKeyValue("blocksRemoved", diff.removed().size())
                .addKeyValue("unplaced", edit.planned().plan().unplaced().size())
                .log("network planned");
    }

    /// NICs' networks that overlapped a subnet of this network may be divided now.
    private void giveUpSubnets(NetworkRecord network, long revision) {
        planning.replanWaiting(
                other -> other.id() != network.id() && NetworkPlanning.dividesNicNetworks(other), revision);
    }

    /// @throws MultiNicException NETWORK_UNKNOWN
    public NetworkState get(String name) {
        return transactions.read(() -> state(name));
    }

    public List<NetworkState> list() {
        return transactions.read(() -> queries.states(networks.findAll(), MAX_UNPLACED));
    }

    /// @param cursor `next` of the page before; empty for the first one
    public Page<NodeBlock> blocks(String name, int limit, String cursor) {
        return transactions.read(() -> {
            List<NodeBlock> blocks = queries.blocks(require(name), cursor, limit + 1);
            return blocks.size() <= limit
                    ? new Page<>(blocks, null)
                    : new Page<>(
                            blocks.subList(0, limit),
                            blocks.get(limit - 1).block().podBlock().toString());
        });
    }

    /// How far the network is used.
    ///
    /// @param after the last of the page before; null for the first one
    /// @throws MultiNicException NETWORK_UNKNOWN
    public NetworkUsage usage(String name, int limit, @Nullable UsageCursor after) {
        return transactions.read(() -> usages.usage(require(name), limit, after));
    }

    /// Removes the network. One that does not exist is removed already.
    ///
    /// @param caller who asks for it
    /// @throws MultiNicException IN_USE while pods hold addresses of it, or QUARANTINED if nobody can know
    public void delete(String name, String caller) {
        transactions.write(() -> {
            plans.lock();
            networks.find(name).ifPresent(network -> deleteExisting(network, caller));
            return name;
        });
    }

    private void deleteExisting(NetworkRecord network, String caller) {
        restorations.unspoken(network, null).ifPresent(reason -> {
            throw new MultiNicException(ErrorCode.QUARANTINED, reason);
        });
        var open = holdings.openByNode(network);
        if (!open.isEmpty()) {
            long count = open.values().stream().mapToLong(Long::longValue).sum();
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "network " + network.name() + ": " + count + " addresses are in use on nodes " + some(open.keySet())
                            + "; delete the pods that use the network first");
        }
        long revision = plans.nextRevision();
        plans.clear(network.id());
        reservations.deleteAll(network, caller);
        networks.undefine(network.name(), revision);
        giveUpSubnets(network, revision);
        audit.record(AdminChange.ofNetwork(
                caller,
                AuditAction.NETWORK_REMOVED,
                network.name(),
                Map.of("definition", Objects.requireNonNull(network.definition()))));
        LOG.atInfo()
                .addKeyValue("network", network.name())
                .addKeyValue("revision", revision)
                .log("network removed");
    }

    private static String some(Set<String> nodes) {
        String first = nodes.stream().limit(10).collect(Collectors.joining(", "));
        return nodes.size() <= 10 ? first : first + " and " + (nodes.size() - 10) + " more";
    }

    private NetworkRecord require(String name) {
        return networks.find(name).orElseThrow(() -> unknown(name));
    }

    static MultiNicException unknown(String name) {
        return new MultiNicException(ErrorCode.NETWORK_UNKNOWN, "network " + name + " does not exist; PUT it first");
    }

    private NetworkState state(String name) {
        return queries.states(List.of(require(name)), MAX_UNPLACED).getFirst();
    }
}
