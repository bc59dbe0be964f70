package io.multinic.ipam.service.node;

import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.ipam.recovery.Lineage;
import io.multinic.ipam.service.plan.BlockRecovery;
import io.multinic.ipam.service.plan.NetworkPlanning;
import io.multinic.ipam.store.audit.AdminChange;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.PlanLock;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.store.plan.StatedBlockStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Quarantine: a database that may have lost commits assigns no new index until the nodes have reported their blocks.
///
/// It begins in the first change of a plan on another cluster or timeline than the last change, or when an agent has
/// data that the database lost, or manually. It ends when every node that is not retired has reported, or manually.
/// Existing assignments and the ledger are not affected.
public final class Quarantine {
    private static final Logger log = LoggerFactory.getLogger(Quarantine.class);
    private static final int MAX_LISTED = 1_000;
    private static final int LOGGED = 5;

    private final PlanTransactions transactions;
    private final LineageStore lineages;
    private final StatedBlockStore stated;
    private final NetworkPlanning planning;
    private final AuditEvents audit;
    private final Duration atLeast;
    private volatile Status status = new Status(false, 0, 0, 0);

    /// Latest observed status.
    ///
    /// @param generation 0 before the first observation
    public record Status(boolean active, int generation, long waiting, long unsettled) {}

    /// @param atLeast minimum duration: nodes whose inventory was lost must be put again before the database can
    ///     wait for them
    public Quarantine(
            PlanTransactions transactions,
            LineageStore lineages,
            StatedBlockStore stated,
            NetworkPlanning planning,
            AuditEvents audit,
            Duration atLeast) {
        this.transactions = transactions;
        this.lineages = lineages;
        this.stated = stated;
        this.planning = planning;
        this.audit = audit;
        this.atLeast = atLeast;
    }

    public Status status() {
        return status;
    }

    public QuarantineState state() {
        return transactions.read(this::read);
    }

    private QuarantineState read() {
        Lineage lineage = lineages.read();
        boolean active = lineage.quarantined();
        return new QuarantineState(
                active,
                lineage.present().generation(),
                lineage.since(),
                lineage.reason(),
                active ? null : lineage.ended(),
                active ? lineages.waiting() : 0,
                active ? lineages.waitingFor(MAX_LISTED) : List.of(),
                stated.all(MAX_LISTED));
    }

    /// Begins a quarantine manually, for example before agents connect to a database that was restored from an old
    /// backup. Has no effect during a quarantine.
    public QuarantineState begin(String reason, String caller) {
        return transactions.changePlan(lock -> {
            if (!lineages.read().quarantined()) {
                audit.record(change(AuditAction.QUARANTINE_BEGUN, reason, caller));
                lineages.begin(lock, reason, null);
            }
            return read();
        });
    }

    /// Ends the quarantine although nodes have not reported: blocks that they have and the database lost may be
    /// assigned to others.
    ///
    /// @param forget deletes the unsettled blocks too, so that these may be assigned to others
    public QuarantineState end(String reason, boolean forget, String caller) {
        return transactions.changePlan(lock -> {
            boolean active = lineages.read().quarantined();
            if (active || forget) {
                audit.record(change(AuditAction.QUARANTINE_ENDED, reason, caller));
            }
            if (forget) {
                stated.forgetAll(lock);
            }
            if (active) {
                end(lock);
            }
            return read();
        });
    }

    private AdminChange change(AuditAction action, String reason, String caller) {
        return new AdminChange(
                caller,
                action,
                null,
                null,
                null,
                reason,
                Map.of("waiting", lineages.waiting(), "unsettled", stated.count()));
    }

    private void end(PlanLock lock) {
        lineages.end(lock);
        planning.replanAfterQuarantine(lock);
    }

    /// Ends the quarantine if it is due, and updates the status. Called periodically.
    public void check() {
        Lineage lineage = transactions.read(lineages::read);
        if (lineage.quarantined()) {
            transactions.changePlan(lock -> {
                // Another replica may have ended it since.
                if (lineages.read().quarantined() && lineages.waiting() == 0 && lineages.hasLasted(atLeast)) {
                    end(lock);
                }
                return lineage;
            });
        }
        logTransition(transactions.read(this::read));
    }

    private void logTransition(QuarantineState state) {
        Status before = status;
        Status now = new Status(state.active(), state.generation(), state.waiting(), transactions.read(stated::count));
        status = now;
        if (now.active() && (!before.active() || before.generation() != now.generation())) {
            log.atWarn()
                    .addKeyValue("reason", state.reason())
                    .addKeyValue("waiting", state.waiting())
                    .addKeyValue(
                            "nodes",
                            BlockRecovery.names(
                                    state.waitingFor().stream().limit(LOGGED).toList()))
                    .log("quarantine active: no new index is assigned until all nodes have reported; check that their"
                            + " agents run, or retire nodes that are gone (GET /api/v1/quarantine)");
        } else if (before.active() && !now.active()) {
            log.atInfo()
                    .addKeyValue("generation", now.generation())
                    .addKeyValue("unsettled", now.unsettled())
                    .log("quarantine ended: new indexes are assigned again");
        }
    }
}
