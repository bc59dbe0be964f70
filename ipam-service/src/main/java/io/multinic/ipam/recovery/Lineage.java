package io.multinic.ipam.recovery;

import io.multinic.contract.wire.PlanStatement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Identity of the database, and its quarantine.
///
/// @param present incarnation of the database now
/// @param databaseUnchanged true if cluster and timeline are those of the last change; otherwise a quarantine begins
/// with
///     the next change
/// @param predecessors ids of lost databases that agents knew and for which there was a quarantine
/// @param since when the last quarantine began; null if there was none
/// @param ended when it ended; null while it lasts
public record Lineage(
        DatabaseIncarnation present,
        boolean databaseUnchanged,
        List<String> predecessors,
        @Nullable Instant since,
        @Nullable Instant ended,
        String reason) {
    public Lineage {
        predecessors = List.copyOf(predecessors);
    }

    /// Evidence that the database lacks data that an agent has. `predecessor` is the id of the lost database that the
    /// agent's plan is from, empty if it is from this one.
    public record Evidence(String reason, Optional<String> predecessor) {}

    /// Returns true while no new index may be assigned.
    public boolean quarantined() {
        return !databaseUnchanged || (since != null && ended == null);
    }

    /// Returns true if the agent must report its blocks before it gets plan changes: it could mistake the plan of a
    /// restored database for a newer one.
    ///
    /// @param known incarnation of the agent's plan; empty if it has none
    /// @param revision of that plan
    /// @param reportedIn generation in which its node last reported
    /// @param lastRevision highest revision that the database has allocated
    public boolean needsSession(String known, long revision, int reportedIn, long lastRevision) {
        boolean ahead = known.equals(present.toString()) && revision > lastRevision;
        if (!databaseUnchanged || ahead) {
            return true;
        }
        if (reportedIn >= present.generation()) {
            return false;
        }
        return quarantined()
                || DatabaseIncarnation.parse(known)
                        .filter(other -> !other.equals(present))
                        .isPresent();
    }

    /// Returns true if an agent that has reported keeps its plan for now. The plan contains blocks of peers that
    /// the database may have lost and that have not reported; without them, running pods would lose their routes.
    /// An agent without a plan gets the present one.
    public boolean keepsPlan(String known) {
        return quarantined()
                && DatabaseIncarnation.parse(known)
                        .filter(other -> !other.equals(present))
                        .isPresent();
    }

    /// Returns true if the agent's plan is from this incarnation, so that the database has everything that the
    /// agent has.
    public boolean includes(PlanStatement plan, long lastRevision) {
        return databaseUnchanged && plan.history().equals(present.toString()) && plan.revision() <= lastRevision;
    }

    /// Evidence beyond cluster and timeline: a disk that was restored from a snapshot has the old timeline, and a
    /// new database has no record of an earlier one.
    public Optional<Evidence> evidence(String node, PlanStatement plan, long lastRevision) {
        if (plan.blocks().isEmpty()) {
            return Optional.empty();
        }
        if (plan.history().equals(present.toString()) && plan.revision() > lastRevision) {
            return Optional.of(new Evidence(
                    "node " + node + " knows revision " + plan.revision() + " of the plan, the database has "
                            + lastRevision + " at most: it was set back",
                    Optional.empty()));
        }
        return DatabaseIncarnation.parse(plan.history())
                .map(DatabaseIncarnation::database)
                .filter(database -> !database.equals(present.database()) && !predecessors.contains(database))
                .map(database -> new Evidence(
                        "node " + node + " has blocks of database " + database + ", this is " + present.database()
                                + ": the other one was lost",
                        Optional.of(database)));
    }
}
