package io.multinic.ipam.service.plan;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPreview;
import io.multinic.contract.wire.NetworkState;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.audit.AdminChange;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.PlanLock;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.store.plan.ReservationStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Definition and removal of networks.
public final class Networks {
    private static final Logger log = LoggerFactory.getLogger(Networks.class);

    private final PlanTransactions transactions;
    private final NetworkStore networks;
    private final NetworkEdits edits;
    private final NetworkPlanning planning;
    private final NetworkStates states;
    private final ReservationStore reservations;
    private final AuditEvents audit;

    public Networks(
            PlanTransactions transactions,
            NetworkStore networks,
            NetworkEdits edits,
            NetworkPlanning planning,
            NetworkStates states,
            ReservationStore reservations,
            AuditEvents audit) {
        this.transactions = transactions;
        this.networks = networks;
        this.edits = edits;
        this.planning = planning;
        this.states = states;
        this.reservations = reservations;
        this.audit = audit;
    }

    /// Stores the definition and plans the network. Repeating it changes nothing.
    ///
    /// @param caller subject for the audit
    /// @throws MultiNicException INVALID_NETWORK, or NETWORK_EDIT_REFUSED if a block that is in use would move, or
    ///     QUARANTINED while it is unknown whether it is in use
    public NetworkState put(NetworkDefinition definition, String caller) {
        return transactions.changePlan(lock -> {
            switch (edits.decide(definition)) {
                case Edit.Nothing _ -> {}
                case Edit.Accepted accepted -> {
                    define(lock, definition, accepted);
                    audit.record(defined(definition, accepted.stored(), caller));
                }
                case Edit.Refused refused -> throw new MultiNicException(refused.code(), refused.reason());
            }
            return states.state(definition.name());
        });
    }

    private static AdminChange defined(NetworkDefinition definition, Optional<NetworkRecord> stored, String caller) {
        Map<String, Object> details = new HashMap<>();
        details.put("definition", definition);
        stored.ifPresent(before -> details.put("before", Objects.requireNonNull(before.definition())));
        var action = stored.isEmpty() ? AuditAction.NETWORK_DEFINED : AuditAction.NETWORK_EDITED;
        return AdminChange.ofNetwork(caller, action, definition.name(), details);
    }

    /// Preview of [#put]; changes nothing.
    public NetworkPreview preview(NetworkDefinition definition) {
        return transactions.read(() -> edits.preview(definition));
    }

    private void define(PlanLock lock, NetworkDefinition definition, Edit.Accepted edit) {
        NetworkRecord network = networks.define(lock, definition);
        networks.replaceSubnets(lock, network, definition.subnets());
        planning.store(lock, network, edit.planned());
        if (edit.stored().isEmpty()) {
            // Agents may know an earlier network of this name with other peers.
            planning.discardChanges(lock);
        } else {
            replanAfterSubnetsFreed(lock, network);
        }
        PlanDiff diff = edit.planned().diff();
        log.atInfo()
                .addKeyValue("network", definition.name())
                .addKeyValue("revision", lock.revision())
                .addKeyValue("blocksAdded", diff.added().size())
                .addKeyValue("blocksRemoved", diff.removed().size())
                .addKeyValue("unplaced", edit.planned().plan().unplaced().size())
                .log("network planned");
    }

    /// NIC networks that overlapped a subnet of this network may be available now.
    private void replanAfterSubnetsFreed(PlanLock lock, NetworkRecord network) {
        planning.replanWaiting(lock, other -> other.id() != network.id() && NetworkPlanning.dividesNicNetworks(other));
    }

    /// Removes the network. Has no effect if it does not exist.
    ///
    /// @param caller subject for the audit
    /// @throws MultiNicException IN_USE while pods hold addresses of it, or QUARANTINED while that is unknown
    public void delete(String name, String caller) {
        transactions.changePlan(lock -> {
            networks.find(name).ifPresent(network -> deleteExisting(lock, network, caller));
            return name;
        });
    }

    private void deleteExisting(PlanLock lock, NetworkRecord network, String caller) {
        edits.requireUnused(network);
        planning.clear(lock, network);
        audit.record(reservations.deleteAll(lock, network).stream()
                .map(reservation -> ReservationText.removedWithNetwork(reservation, caller))
                .toList());
        networks.undefine(lock, network.name());
        replanAfterSubnetsFreed(lock, network);
        audit.record(AdminChange.ofNetwork(
                caller,
                AuditAction.NETWORK_REMOVED,
                network.name(),
                Map.of("definition", Objects.requireNonNull(network.definition()))));
        log.atInfo()
                .addKeyValue("network", network.name())
                .addKeyValue("revision", lock.revision())
                .log("network removed");
    }
}
