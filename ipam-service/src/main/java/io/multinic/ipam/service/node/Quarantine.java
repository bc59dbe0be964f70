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

/// While a database may have lost commits, it gives out no new index: the nodes must say first which blocks
/// they have.
///
/// It begins in the first transaction that could give out an index on another cluster or timeline than the
/// last one, or when an agent knows what the database lacks, or by hand. It ends when every node that is
/// not retired has spoken, or by hand. Nothing else is different meanwhile: indexes that are given out
/// hold, and the ledger goes on.
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
    private volatile Seen seen = new Seen(false, 0, 0, 0);

    /// What was last seen of it.
    ///
    /// @param generation 0 before anything was
    public record Seen(boolean active, int generation, long waiting, long unsettled) {}

    /// @param atLeast how long it lasts: nodes whose inventory was lost as well must be put again
    ///     before they can be waited for
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

    public Seen seen() {
        return seen;
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

    /// Begins one by hand, such as before agents reach a database that was restored empty. One that lasts
    /// goes on.
    public QuarantineState begin(String reason, String caller) {
        return transactions.changePlan(lock -> {
            if (!lineages.read().quarantined()) {
                audit.record(change(AuditAction.QUARANTINE_BEGUN, reason, caller));
                lineages.begin(lock, reason, null);
            }
            return read();
        });
    }

    /// Ends it though nodes have not spoken: what they have and the database lacks may be given to others.
    ///
    /// @param forget whether that is so for blocks as well that nodes have stated and do not have
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

    /// Begins or ends it if it is time to, and tells of it. To be done now and then.
    public void look() {
        Lineage lineage = transactions.read(lineages::read);
        if (lineage.quarantined()) {
            transactions.changePlan(lock -> {
                // Another replica may have ended it meanwhile.
                if (lineages.read().quarantined() && lineages.waiting() == 0 && lineages.hasLasted(atLeast)) {
                    end(lock);
                }
                return lineage;
            });
        }
        tell(transactions.read(this::read));
    }

    private void tell(QuarantineState state) {
        Seen before = seen;
        Seen now = new Seen(state.active(), state.generation(), state.waiting(), transactions.read(stated::count));
        seen = now;
        if (now.active() && (!before.active() || before.generation() != now.generation())) {
            log.atWarn()
                    .addKeyValue("reason", state.reason())
                    .addKeyValue("waiting", state.waiting())
                    .addKeyValue(
                            "nodes",
                            BlockRecovery.names(
                                    state.waitingFor().stream().limit(LOGGED).toList()))
                    .log("no new index is given out until all nodes have said which blocks they have; see to it that"
                            + " their agents run, or retire nodes that are gone. See GET /api/v1/quarantine");
        } else if (before.active() && !now.active()) {
            log.atInfo()
                    .addKeyValue("generation", now.generation())
                    .addKeyValue("unsettled", now.unsettled())
                    .log("quarantine has ended: indexes are given out again");
        }
    }
}
