package io.multinic.ipam.registry;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.lineage.Lineage;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.poll.Known;
import io.multinic.ipam.poll.News;
import io.multinic.ipam.store.AdminChange;
import io.multinic.ipam.store.AuditEvents;
import io.multinic.ipam.store.HoldingQueries;
import io.multinic.ipam.store.HostAddressStore;
import io.multinic.ipam.store.LineageStore;
import io.multinic.ipam.store.NodeQueries;
import io.multinic.ipam.store.NodeRecord;
import io.multinic.ipam.store.NodeStore;
import io.multinic.ipam.store.PlanChanges;
import io.multinic.ipam.store.PlanQueries;
import io.multinic.ipam.store.PlanStore;
import io.multinic.ipam.store.SessionStore;
import io.multinic.ipam.store.StatedBlocks;
import io.multinic.ipam.store.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The nodes, their NICs and their plans.
///
/// A node is its UID. A name stands for the node that was put last under it; one that lost its name this way is out of
/// its peers' plans, but keeps its blocks until it is retired.
public final class Nodes {
    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    private final Transactions transactions;
    private final NetworkPlanning planning;
    private final NodeStore nodes;
    private final HostAddressStore hostAddresses;
    private final PlanStore plans;
    private final PlanChanges changes;
    private final PlanQueries queries;
    private final NodeQueries states;
    private final SessionStore sessions;
    private final HoldingQueries holdings;
    private final Bookkeeping books;
    private final LineageStore lineages;
    private final StatedBlocks stated;
    private final AuditEvents audit;
    private final InstantSource clock;
    private final Duration silentAfter;

    /// @param silentAfter a node that is said to be gone must have been silent for this long
    public Nodes(
            Transactions transactions,
            NetworkPlanning planning,
            NodeStore nodes,
            HostAddressStore hostAddresses,
            PlanStore plans,
            PlanChanges changes,
            PlanQueries queries,
            NodeQueries states,
            SessionStore sessions,
            HoldingQueries holdings,
            Bookkeeping books,
            LineageStore lineages,
            StatedBlocks stated,
            AuditEvents audit,
            InstantSource clock,
            Duration silentAfter) {
        this.transactions = transactions;
        this.planning = planning;
        this.nodes = nodes;
        this.hostAddresses = hostAddresses;
        this.plans = plans;
        this.changes = changes;
        this.queries = queries;
        this.states = states;
        this.sessions = sessions;
        this.holdings = holdings;
        this.books = books;
        this.lineages = lineages;
        this.stated = stated;
        this.audit = audit;
        this.clock = clock;
        this.silentAfter = silentAfter;
    }

    /// Makes the node the current one of its name, with these NICs, and plans them. The same again changes nothing.
    ///
    /// @param caller who asks for it
    public void put(String name, NodeInventory inventory, String caller) {
        transactions.write(() -> {
            plans.lock();
            Optional<NodeRecord> current = nodes.findCurrent(name);
            boolean known = current.isPresent() && current.get().uid().equals(inventory.nodeUid());
            List<Nic> before = known ? nodes.nics(current.get()) : List.of();
            if (!known || !before.equals(inventory.nics())) {
                change(name, inventory, current);
                audit.record(AdminChange.ofNode(
                        caller,
                        known ? AuditAction.NODE_EDITED : AuditAction.NODE_DEFINED,
                        name,
                        inventory.nodeUid(),
                        Map.of("nics", inventory.nics(), "before", before)));
            }
            return name;
        });
    }

    private void change(String name, NodeInventory inventory, Optional<NodeRecord> holder) {
        long revision = plans.nextRevision();
        boolean takesName =
                holder.filter(other -> other.uid().equals(inventory.nodeUid())).isEmpty();
        NodeRecord node = nodes.makeCurrent(inventory.nodeUid(), name, revision);
        if (takesName) {
            // Peers route to the current node of a name: they lose the one and may get back the other.
            holder.ifPresent(other -> plans.raisePeersOf(other, revision));
            plans.raisePeersOf(node, revision);
        }
        nodes.replaceNics(node, inventory.nics());
        planning.replan(
                new HostNics(node.uid(), inventory.nics()), hostAddresses.replace(node, inventory.nics()), revision);
        plans.raiseNodes(Set.of(node.uid()), revision);
        LOG.atInfo()
                .addKeyValue("node", name)
                .addKeyValue("nodeUid", node.uid())
                .addKeyValue("nics", inventory.nics().size())
                .addKeyValue("revision", revision)
                .log("node planned");
    }

    /// @throws MultiNicException NODE_UNKNOWN
    public NodeState get(String name) {
        return transactions.read(() -> states.current(name)).orElseThrow(() -> unknown(name));
    }

    /// The current nodes, by name; with `superseded` also those whose name another one has taken.
    public List<NodeState> list(boolean superseded) {
        return transactions.read(() -> superseded ? states.unretired() : states.current());
    }

    /// Retires a node: its indexes may be given to others. One that is gone is retired already.
    ///
    /// @param uid the current node of the name if absent
    /// @param gone the caller has proven, twice with time between, that the node has left the cluster for good;
    ///     what its pods held ends, if nothing was heard of it for long enough
    /// @param caller who asks for it
    /// @throws MultiNicException IN_USE while its pods hold addresses, or, with `gone`, while its agent speaks
    public void retire(String name, @Nullable String uid, boolean gone, String caller) {
        transactions.write(() -> {
            plans.lock();
            if (uid != null) {
                stated.forget(name, uid);
            }
            (uid == null ? nodes.findCurrent(name) : nodes.findByUid(uid))
                    .filter(node -> node.name().equals(name) && !node.retired())
                    .ifPresent(node -> retire(node, gone, caller));
            return name;
        });
    }

    private void retire(NodeRecord node, boolean gone, String caller) {
        // A batch that is being stored may bring an allocation: wait for it, then look.
        sessions.lock(node);
        Instant now = clock.instant();
        long open = holdings.openAddresses(node);
        if (gone) {
            requireSilence(node, now);
        } else if (open > 0) {
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "node " + node.name() + " (" + node.uid() + "): " + open
                            + " addresses are in use; delete its pods first, or, if the node has left the cluster for"
                            + " good, retire it with gone=true");
        }
        books.endAll(node, now);
        long revision = plans.nextRevision();
        nodes.retire(node, now);
        stated.forget(node.name(), node.uid());
        plans.release(node, revision);
        planning.replanOwnersOf(hostAddresses.remove(node), revision);
        // Freed indexes may be what others wait for.
        planning.replanWaiting(network -> true, revision);
        audit.record(AdminChange.ofNode(
                caller, AuditAction.NODE_RETIRED, node.name(), node.uid(), departure(node, gone, open)));
        LOG.atInfo()
                .addKeyValue("node", node.name())
                .addKeyValue("nodeUid", node.uid())
                .addKeyValue("addressesEnded", open)
                .addKeyValue("revision", revision)
                .log("node retired");
    }

    /// The second proof is the ledger's own: an agent that speaks runs on a machine that is there.
    private void requireSilence(NodeRecord node, Instant now) {
        sessions.lastHeard(node).ifPresent(heard -> {
            Duration left = Duration.between(now, heard.plus(silentAfter));
            if (left.isPositive()) {
                throw new MultiNicException(
                        ErrorCode.IN_USE,
                        "node " + node.name() + " (" + node.uid() + ") is said to be gone, but its agent spoke at "
                                + heard
                                + "; that nothing was heard of it for " + silentAfter.toSeconds()
                                + " s must be seen too: try again in " + (left.toSeconds() + 1) + " s");
            }
        });
    }

    private Map<String, Object> departure(NodeRecord node, boolean gone, long ended) {
        Map<String, Object> details = new HashMap<>(Map.of("gone", gone, "addressesEnded", ended));
        sessions.lastHeard(node).ifPresent(heard -> details.put("lastHeard", heard.toString()));
        return details;
    }

    /// The revision of the node's plan.
    ///
    /// @throws MultiNicException NODE_UNKNOWN
    public long revision(String name) {
        return transactions.read(() -> queries.revision(requireCurrent(name)));
    }

    /// The full plan of the node.
    ///
    /// @throws MultiNicException NODE_UNKNOWN
    public NodePlan plan(String name) {
        return transactions.read(() -> queries.plan(requireCurrent(name)));
    }

    /// The full plan of the node, with the history of its revision.
    ///
    /// @throws MultiNicException NODE_UNKNOWN, or SESSION_NEEDED if the agent must state its blocks before
    public PlanUpdate wholePlan(Known known) {
        return transactions.read(() -> {
            NodeRecord node = requireCurrent(known.node());
            Lineage lineage = lineages.read();
            if (lineage.mustSpeak(known.history(), known.revision(), lineages.spokeIn(node), lineages.lastRevision())) {
                throw known.sessionNeeded();
            }
            return PlanUpdate.full(lineage.present().toString(), queries.plan(node));
        });
    }

    /// What agents that know these plans must hear, for nodes that are known.
    public Map<Known, News> news(Collection<Known> known) {
        return transactions.read(() -> changes.news(known));
    }

    private NodeRecord requireCurrent(String name) {
        return nodes.findCurrent(name).orElseThrow(() -> unknown(name));
    }

    static MultiNicException unknown(String name) {
        return new MultiNicException(
                ErrorCode.NODE_UNKNOWN,
                "node " + name + " is not known; its NICs must arrive first (PUT /api/v1/nodes/" + name
                        + ", done by the controller once the node's HostInterface exists)");
    }

    static MultiNicException retired(NodeRecord node) {
        return new MultiNicException(
                ErrorCode.NODE_RETIRED,
                "node " + node.name() + " with UID " + node.uid()
                        + " has been retired: its blocks may be another node's, so"
                        + " no more addresses of them may be given out. If it is still in the cluster, the controller puts it"
                        + " again (PUT /api/v1/nodes/" + node.name() + "), and it gets new blocks");
    }
}
