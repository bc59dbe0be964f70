package io.multinic.ipam.service.node;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.service.ledger.RetirementLedger;
import io.multinic.ipam.service.ledger.RetirementLedger.Retirement;
import io.multinic.ipam.service.plan.NetworkPlanning;
import io.multinic.ipam.store.NodeRecord;
import io.multinic.ipam.store.audit.AdminChange;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.plan.NodeStore;
import io.multinic.ipam.store.plan.PlanLock;
import io.multinic.ipam.store.plan.PlanStore;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.store.plan.StatedBlockStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Inventory of the nodes and their NICs.
///
/// A node is identified by its UID. A name belongs to the node that was put under it last. A node that lost its name
/// is superseded: its peers have no routes to it, but it keeps its blocks until it is retired.
public final class Nodes {
    private static final Logger log = LoggerFactory.getLogger(Nodes.class);

    private final PlanTransactions transactions;
    private final NetworkPlanning planning;
    private final NodeStore nodes;
    private final PlanStore plans;
    private final RetirementLedger retirements;
    private final StatedBlockStore stated;
    private final AuditEvents audit;

    public Nodes(
            PlanTransactions transactions,
            NetworkPlanning planning,
            NodeStore nodes,
            PlanStore plans,
            RetirementLedger retirements,
            StatedBlockStore stated,
            AuditEvents audit) {
        this.transactions = transactions;
        this.planning = planning;
        this.nodes = nodes;
        this.plans = plans;
        this.retirements = retirements;
        this.stated = stated;
        this.audit = audit;
    }

    /// Stores the inventory, makes the node the current one of its name, and plans it. Repeating it changes
    /// nothing.
    ///
    /// @param caller subject for the audit
    public void put(String name, NodeInventory inventory, String caller) {
        transactions.changePlan(lock -> {
            Optional<NodeRecord> current = nodes.findCurrent(name);
            boolean known = current.isPresent() && current.get().uid().equals(inventory.nodeUid());
            List<Nic> before = known ? nodes.nics(current.get()) : List.of();
            if (!known || !before.equals(inventory.nics())) {
                change(lock, name, inventory, current);
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

    private void change(PlanLock lock, String name, NodeInventory inventory, Optional<NodeRecord> holder) {
        boolean takesName =
                holder.filter(other -> other.uid().equals(inventory.nodeUid())).isEmpty();
        NodeRecord node = nodes.makeCurrent(lock, inventory.nodeUid(), name);
        if (takesName) {
            // Peers have routes to the current node of a name only: one node leaves their plans, the other
            // enters.
            holder.ifPresent(other -> plans.raisePeersOf(lock, other));
            plans.raisePeersOf(lock, node);
        }
        var changedAddresses = nodes.replaceNics(lock, node, inventory.nics());
        planning.replan(lock, new HostNics(node.uid(), inventory.nics()), changedAddresses);
        plans.raiseNodes(lock, Set.of(node.uid()));
        log.atInfo()
                .addKeyValue("node", name)
                .addKeyValue("nodeUid", node.uid())
                .addKeyValue("nics", inventory.nics().size())
                .addKeyValue("revision", lock.revision())
                .log("node planned");
    }

    /// Retires a node, so that its indexes can be assigned to others. Has no effect if it is retired or unknown.
    ///
    /// @param uid UID of the node; null for the current node of the name
    /// @param gone the caller has proven twice, some time apart, that the node has left the cluster for good: the
    ///     allocations of its pods end, provided that its agent has been silent long enough
    /// @param caller subject for the audit
    /// @throws MultiNicException IN_USE while its pods hold addresses, or, with `gone`, while its agent is active
    public void retire(String name, @Nullable String uid, boolean gone, String caller) {
        transactions.changePlan(lock -> {
            if (uid != null) {
                stated.forget(lock, name, uid);
            }
            (uid == null ? nodes.findCurrent(name) : nodes.findByUid(uid))
                    .filter(node -> node.name().equals(name) && !node.retired())
                    .ifPresent(node -> retire(lock, node, gone, caller));
            return name;
        });
    }

    private void retire(PlanLock lock, NodeRecord node, boolean gone, String caller) {
        Retirement retirement = retirements.end(node, gone);
        var freedAddresses = nodes.retire(lock, node, retirement.at());
        stated.forget(lock, node.name(), node.uid());
        plans.release(lock, node);
        planning.replanOwnersOf(lock, freedAddresses);
        // Other NICs may wait for the freed indexes.
        planning.replanWaiting(lock, network -> true);
        audit.record(AdminChange.ofNode(
                caller, AuditAction.NODE_RETIRED, node.name(), node.uid(), details(retirement, gone)));
        log.atInfo()
                .addKeyValue("node", node.name())
                .addKeyValue("nodeUid", node.uid())
                .addKeyValue("addressesEnded", retirement.addressesEnded())
                .addKeyValue("revision", lock.revision())
                .log("node retired");
    }

    private static Map<String, Object> details(Retirement retirement, boolean gone) {
        Map<String, Object> details =
                new HashMap<>(Map.of("gone", gone, "addressesEnded", retirement.addressesEnded()));
        if (retirement.lastContact() != null) {
            details.put("lastHeard", retirement.lastContact().toString());
        }
        return details;
    }
}
