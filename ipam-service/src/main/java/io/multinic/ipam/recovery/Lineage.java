package io.multinic.ipam.recovery;

import io.multinic.contract.wire.PlanStatement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the database knows of its own past.
///
/// @param present names the database as it is now
/// @param asLastSeen whether it is on the cluster and timeline that the last change was made on; if
///     not, it has become another one since, and its quarantine begins with the next change
/// @param forebears other databases that agents knew, for which there was a quarantine
/// @param since when the last quarantine began; null if there was none
/// @param ended when it ended; null while it lasts
public record Lineage(
        DatabaseIncarnation present,
        boolean asLastSeen,
        List<String> forebears,
        @Nullable Instant since,
        @Nullable Instant ended,
        String reason) {
    public Lineage {
        forebears = List.copyOf(forebears);
    }

    /// What shows that the database lacks what an agent knows; `forebear` is another database that the
    /// agent's plan is of, empty if it is of this one.
    public record Evidence(String reason, Optional<String> forebear) {}

    /// Whether no new index may be given out.
    public boolean quarantined() {
        return !asLastSeen || (since != null && ended == null);
    }

    /// Whether the agent must state its blocks before it hears of the plan: it could take the plan of a
    /// database that was set back for newer than its own.
    ///
    /// @param known the history that the agent's plan is of; empty if it knows none
    /// @param revision of that plan
    /// @param spokeIn the generation in which its node last spoke
    /// @param lastRevision the highest one that the database has given out
    public boolean mustSpeak(String known, long revision, int spokeIn, long lastRevision) {
        boolean ahead = known.equals(present.toString()) && revision > lastRevision;
        if (!asLastSeen || ahead) {
            return true;
        }
        if (spokeIn >= present.generation()) {
            return false;
        }
        return quarantined()
                || DatabaseIncarnation.parse(known)
                        .filter(other -> !other.equals(present))
                        .isPresent();
    }

    /// Whether the agent, which has spoken, keeps its plan for now. It reaches blocks of peers that the
    /// database may have lost and that have not spoken; a plan without them would cut off pods that run.
    /// Who knows no plan gets what there is.
    public boolean keepsPlan(String known) {
        return quarantined()
                && DatabaseIncarnation.parse(known)
                        .filter(other -> !other.equals(present))
                        .isPresent();
    }

    /// Whether the agent's plan is one of this very database, which then knows all that the agent does.
    public boolean includes(PlanStatement plan, long lastRevision) {
        return asLastSeen && plan.history().equals(present.toString()) && plan.revision() <= lastRevision;
    }

    /// What the statement shows beyond cluster and timeline: a disk that was set back under PostgreSQL has
    /// the old timeline, and a new database knows of no other one.
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
                .filter(database -> !database.equals(present.database()) && !forebears.contains(database))
                .map(database -> new Evidence(
                        "node " + node + " has blocks of database " + database + ", this is " + present.database()
                                + ": the other one was lost",
                        Optional.of(database)));
    }
}
