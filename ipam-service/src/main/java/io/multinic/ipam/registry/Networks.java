package io.multinic.ipam.registry;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.plan.Indexes;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.plan.Planner;
import io.multinic.ipam.store.AdminChange;
import io.multinic.ipam.store.AuditEvents;
import io.multinic.ipam.store.LedgerStore;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.NetworkStore;
import io.multinic.ipam.store.NodeStore;
import io.multinic.ipam.store.PlanChanges;
import io.multinic.ipam.store.PlanQueries;
import io.multinic.ipam.store.PlanStore;
import io.multinic.ipam.store.Transactions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What networks should exist, and what became of them.
public final class Networks {
    private static final Logger LOG = LoggerFactory.getLogger(Networks.class);
    private static final int MAX_UNPLACED = 1_000;

    private final Transactions transactions;
    private final NetworkStore networks;
    private final NodeStore nodes;
    private final PlanStore plans;
    private final PlanChanges changes;
    private final PlanQueries queries;
    private final LedgerStore ledger;
    private final AuditEvents audit;

    public Networks(
            Transactions transactions,
            NetworkStore networks,
            NodeStore nodes,
            PlanStore plans,
            PlanChanges changes,
            PlanQueries queries,
            LedgerStore ledger,
            AuditEvents audit) {
        this.transactions = transactions;
        this.networks = networks;
        this.nodes = nodes;
        this.plans = plans;
        this.changes = changes;
        this.queries = queries;
        this.ledger = ledger;
        this.audit = audit;
    }

    /// Makes the network what the definition says. The same definition again changes nothing.
    ///
    /// @param caller who asks for it
    /// @throws MultiNicException INVALID_NETWORK, or NETWORK_EDIT_REFUSED if a block that is in use would move
    public NetworkState put(NetworkDefinition definition, String caller) {
        return transactions.write(() -> {
            plans.lock();
            Optional<NetworkRecord> stored = networks.find(definition.name());
            if (stored.isEmpty() || !definition.equals(stored.get().definition())) {
                requireNoOverlap(definition);
                define(definition, stored);
                audit.record(defined(definition, stored, caller));
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

    private void requireNoOverlap(NetworkDefinition definition) {
        for (NetworkRecord other : networks.findAll()) {
            if (other.name().equals(definition.name())) {
                continue;
            }
            for (Cidr theirs : Objects.requireNonNull(other.definition()).subnets()) {
                for (Cidr ours : definition.subnets()) {
                    if (ours.overlaps(theirs)) {
                        throw new MultiNicException(
                                ErrorCode.INVALID_NETWORK,
                                "network " + definition.name() + ": subnet " + ours + " overlaps " + theirs
                                        + " of network " + other.name() + "; choose another subnet");
                    }
                }
            }
        }
    }

    private void define(NetworkDefinition definition, Optional<NetworkRecord> stored) {
        List<HostNics> inventory = nodes.inventory();
        Indexes previous = stored.map(network -> plans.indexes(network.id())).orElse(Indexes.NONE);
        // Superseded nodes keep their blocks: they are planned as nodes without NICs.
        var planned = new ArrayList<>(inventory);
        Set<String> uids = inventory.stream().map(HostNics::nodeUid).collect(Collectors.toSet());
        previous.hosts().keySet().stream()
                .map(key -> key.nodeUid())
                .filter(uids::add)
                .sorted()
                .forEach(uid -> planned.add(new HostNics(uid, List.of())));
        Plan plan = Planner.plan(definition, previous, planned);
        PlanDiff diff = PlanDiff.between(
                stored.map(network -> plans.slots(network.id(), uids)).orElse(List.of()), plan.hosts());
        stored.ifPresent(network -> requireNothingMoves(network, diff));

        long revision = plans.nextRevision();
        NetworkRecord network = networks.define(definition, revision);
        plans.apply(network.id(), uids, plan, diff, revision);
        if (stored.isEmpty()) {
            // An earlier network of this name may be known to agents with other peers.
            changes.forget(revision);
        }
        LOG.atInfo()
                .addKeyValue("network", definition.name())
                .addKeyValue("revision", revision)
                .addKeyValue("blocksAdded", diff.added().size())
                .addKeyValue("blocksRemoved", diff.removed().size())
                .addKeyValue("unplaced", plan.unplaced().size())
                .log("network planned");
    }

    private void requireNothingMoves(NetworkRecord network, PlanDiff diff) {
        ledger.heldIn(network, diff.vacated()).ifPresent(held -> {
            throw new MultiNicException(
                    ErrorCode.NETWORK_EDIT_REFUSED,
                    "network " + network.name() + ": the edit would take block " + held.block() + " from node "
                            + held.node() + ", where " + held.address()
                            + " is in use; delete the pods that use the network first, or undo the edit");
        });
    }

    /// @throws MultiNicException NETWORK_UNKNOWN
    public NetworkState get(String name) {
        return transactions.read(() -> state(name));
    }

    public List<NetworkState> list() {
        return transactions.read(
                () -> networks.findAll().stream().map(this::state).toList());
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

    /// Removes the network. One that does not exist is removed already.
    ///
    /// @param caller who asks for it
    /// @throws MultiNicException IN_USE while pods hold addresses of it
    public void delete(String name, String caller) {
        transactions.write(() -> {
            plans.lock();
            networks.find(name).ifPresent(network -> deleteExisting(network, caller));
            return name;
        });
    }

    private void deleteExisting(NetworkRecord network, String caller) {
        var open = ledger.openByNode(network);
        if (!open.isEmpty()) {
            long count = open.values().stream().mapToLong(Long::longValue).sum();
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "network " + network.name() + ": " + count + " addresses are in use on nodes " + some(open.keySet())
                            + "; delete the pods that use the network first");
        }
        long revision = plans.nextRevision();
        plans.clear(network.id());
        networks.undefine(network.name(), revision);
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
        return networks.find(name)
                .orElseThrow(() -> new MultiNicException(
                        ErrorCode.NETWORK_UNKNOWN, "network " + name + " does not exist; PUT it first"));
    }

    private NetworkState state(String name) {
        return state(require(name));
    }

    private NetworkState state(NetworkRecord network) {
        return new NetworkState(
                Objects.requireNonNull(network.definition()),
                Objects.requireNonNull(network.number()),
                network.revision(),
                queries.interfaces(network),
                queries.unplaced(network, MAX_UNPLACED));
    }
}
