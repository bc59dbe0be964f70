package io.multinic.ipam.store.ledger;

import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NodeRecord;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of sessions, and of the progress of journals.
@Repository
public class SessionStore {
    private final JdbcClient jdbc;

    SessionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Locks the node's session until the transaction ends, which serializes the node's batches and sessions.
    ///
    /// @return empty without a session, or if its journal has ended
    public Optional<SessionRecord> lock(NodeRecord node) {
        return lock(node.id());
    }

    /// Like [#lock(NodeRecord)].
    public Optional<SessionRecord> lock(long nodeId) {
        // Two statements: the journal must be read after the lock was acquired, not in the snapshot from
        // before.
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

    /// Opens the node's next session, on the journal with this store id.
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

    /// Ends the node's journals. If the node returns, it begins with a new journal, and what it reports is stored.
    public void endJournals(NodeRecord node, Instant at) {
        jdbc.sql("UPDATE journal SET ended_at = ?::timestamptz WHERE node_id = ? AND ended_at IS NULL")
                .param(at.toString())
                .param(node.id())
                .update();
    }

    /// Time of the last session or batch of the node's agent; empty if there was none.
    public Optional<Instant> lastContact(NodeRecord node) {
        return jdbc.sql("SELECT greatest(opened_at, heard_at) AS heard FROM session WHERE node_id = ?")
                .param(node.id())
                .query((row, number) -> Objects.requireNonNull(Columns.instant(row, "heard")))
                .optional();
    }

    /// Records a batch of the agent.
    ///
    /// @param complete time up to which the ledger has all its events; null if unchanged
    /// @param planRevision revision of its plan; null if unknown
    public void recordContact(
            SessionRecord session, Instant at, @Nullable Instant complete, @Nullable Long planRevision) {
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
