package io.multinic.ipam.store.ledger;

import io.multinic.ipam.store.Columns;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Archive of ended intervals: moves them from the table that batches write to monthly partitions.
@Repository
public class IntervalArchive {
    private static final String LOCK = "multi-nic.ipam.history";

    /// Columns of an interval in both tables.
    private static final String INTERVAL = """
            id, network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid, container_id, if_name,
            pod_interface, journal_id, opened_sequence""";

    private final JdbcClient jdbc;

    IntervalArchive(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Tries to lock the archive until the transaction ends; returns false if another replica has the lock.
    public boolean tryLock() {
        return jdbc.sql("SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))")
                .param(LOCK)
                .query(Boolean.class)
                .single();
    }

    /// Time of the database's clock.
    public Instant now() {
        return Objects.requireNonNull(jdbc.sql("SELECT clock_timestamp() AS now")
                .query((row, number) -> Columns.instant(row, "now"))
                .single());
    }

    /// Months of the ends of intervals that ended before this time and were not moved.
    public List<YearMonth> monthsToMove(Instant before) {
        return jdbc.sql("""
                        SELECT DISTINCT to_char(upper(held) AT TIME ZONE 'UTC', 'YYYY-MM') FROM allocation
                        WHERE NOT upper_inf(held) AND upper(held) < ?::timestamptz""")
                .param(before.toString())
                .query((row, number) -> YearMonth.parse(row.getString(1)))
                .list();
    }

    /// Moves intervals that ended before this time to their months, the earliest first.
    ///
    /// @return number of moved intervals; fewer than `limit` if none are left
    public int move(Instant before, int limit) {
        jdbc.sql("UPDATE allocation_past_horizon SET ended_before = ?::timestamptz WHERE ended_before < ?::timestamptz")
                .param(before.toString())
                .param(before.toString())
                .update();
        return jdbc.sql("WITH over AS (SELECT id FROM allocation WHERE NOT upper_inf(held) AND upper(held) <"
                        + " ?::timestamptz ORDER BY upper(held) LIMIT ?), moved AS (DELETE FROM allocation USING over"
                        + " WHERE allocation.id = over.id RETURNING allocation.*) INSERT INTO allocation_past (ended_at, "
                        + INTERVAL + ") SELECT upper(held), " + INTERVAL + " FROM moved")
                .param(before.toString())
                .param(limit)
                .update();
    }

    /// Deletes conflicts that were resolved before this time.
    ///
    /// @return number of deleted conflicts; fewer than `limit` if none are left
    public int deleteConflicts(Instant before, int limit) {
        return jdbc.sql("DELETE FROM conflict WHERE id IN (SELECT id FROM conflict WHERE resolved_at < ?::timestamptz"
                        + " ORDER BY resolved_at LIMIT ?)")
                .param(before.toString())
                .param(limit)
                .update();
    }
}
