package io.multinic.ipam.store.ledger;

import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NodeRecord;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// The nodes' sessions, and how far their journals are stored.
@Repository
public class SessionStore {
    private final JdbcClient jdbc;

    SessionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Locks the node's session until the transaction ends: a node's batches and sessions come one after the other.
    ///
    /// @return empty without a session, or if its journal has ended
    public Optional<SessionRecord> lock(NodeRecord node) {
        return lock(node.id());
    }

    /// See above.
    public Optional<SessionRecord> lock(long nodeId) {
        // Two statements: the journal must be read after the lock is had, not in the snapshot from before it.
        return jdbc.sql("SELECT epoch FROM session WHERE node_id = ? FOR UPDATE")
                .param(nodeId)
                .query(Long.class)
                .optional()
                .flatMap(epoch -> jdbc.sql("""
                                SELECT session.node_id, session.journal_id, session.epoch, journal.stored_through
                                FROM session JOIN journal ON journal.id = session.journal_id
                                WHERE session.node_id = ? AND journal.ended_at IS NULL""")
                        .param(nodeId)
                        .query((row, number) -> new SessionRecord(
                                row.getLong("node_id"),
                                row.getLong("journal_id"),
                                row.getLong("epoch"),
                                row.getLong("stored_through")))
                        .optional());
    }

    /// Begins the node's next session, on the journal of this name.
    public SessionRecord open(NodeRecord node, String storeId, Instant at) {
        jdbc.sql("INSERT INTO journal (node_id, store_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .param(node.id())
                .param(storeId)
                .update();
        var nextSession = """
                INSERT INTO session (node_id, journal_id, epoch, opened_at)
                SELECT node_id, id, 1, ?::timestamptz FROM journal
                WHERE node_id = ? AND store_id = ? AND ended_at IS NULL
                ON CONFLICT (node_id) DO UPDATE
                SET journal_id = excluded.journal_id, epoch = session.epoch + 1,
                    opened_at = excluded.opened_at""";
        jdbc.sql(nextSession)
                .param(at.toString())
                .param(node.id())
                .param(storeId)
                .update();
        return lock(node).orElseThrow();
    }

    public void storedThrough(long journalId, long sequence) {
        jdbc.sql("UPDATE journal SET stored_through = ? WHERE id = ?")
                .param(sequence)
                .param(journalId)
                .update();
    }

    /// Should the node come back, it begins anew, and what it states counts: what its journals said was ended.
    public void endJournals(NodeRecord node, Instant at) {
        jdbc.sql("UPDATE journal SET ended_at = ?::timestamptz WHERE node_id = ? AND ended_at IS NULL")
                .param(at.toString())
                .param(node.id())
                .update();
    }

    /// When the node's agent last opened a session or sent a batch; empty if it never did.
    public Optional<Instant> lastHeard(NodeRecord node) {
        return jdbc.sql("SELECT greatest(opened_at, heard_at) AS heard FROM session WHERE node_id = ?")
                .param(node.id())
                .query((row, number) -> Objects.requireNonNull(Columns.instant(row, "heard")))
                .optional();
    }

    /// What an agent says of itself with a batch.
    ///
    /// @param complete up to when the ledger has all its events; null: what was said before still holds
    /// @param planRevision of the plan that it goes by; null if it does not say
    public void heard(SessionRecord session, Instant at, @Nullable Instant complete, @Nullable Long planRevision) {
        jdbc.sql("""
                        UPDATE session SET heard_at = ?::timestamptz,
                               reported_at = coalesce(?::timestamptz, reported_at),
                               plan_revision = coalesce(?::bigint, plan_revision)
                        WHERE node_id = ?""")
                .param(at.toString())
                .param(complete == null ? null : complete.toString())
                .param(planRevision)
                .param(session.nodeId())
                .update();
    }
}
