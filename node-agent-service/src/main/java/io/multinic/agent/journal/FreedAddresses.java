package io.multinic.agent.journal;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;

/// SQL statements that move an address between held and freed; each runs in the caller's transaction.
///
/// `used_range` has ranges in which every address is held or freed; the search for a new address starts after them.
/// A freed address in such a range is therefore forgotten only together with the range.
final class FreedAddresses {
    /// Number of freed addresses outside used ranges that are remembered for each block.
    private static final int MAX_OUTSIDE = 4_096;

    private static final String IN_RANGE = """
            %1$s.network = used_range.network AND %1$s.address BETWEEN used_range.first AND used_range.through \
            AND length(%1$s.address) = length(used_range.first)""";

    private FreedAddresses() {}

    /// The pod as it is recorded with its freed addresses; empty if the pod has no UID.
    static String pod(PodRef pod) {
        return pod.uid().isEmpty() ? "" : pod.namespace() + "/" + pod.name() + "/" + pod.uid();
    }

    /// Fails if the address is held: the primary key is the last guard against two holders.
    static void grant(SqliteSession session, Allocation allocation, int position, Instant at) {
        byte[] address = allocation.address().bytes();
        session.update(
                """
                INSERT INTO allocation (network, address, nic, pod_interface, container_id, if_name, position, \
                granted_at, freed_before) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT freed_at FROM rest WHERE network = ? AND address = ?))""",
                allocation.network(),
                address,
                allocation.nic(),
                allocation.podInterface(),
                allocation.containerId(),
                allocation.ifName(),
                position,
                SqliteSession.micros(at),
                allocation.network(),
                address);
        session.update("DELETE FROM rest WHERE network = ? AND address = ?", allocation.network(), address);
    }

    /// Time of the grant of an allocation whose ALLOCATED event was not written yet.
    static Instant grantedAt(SqliteSession session, Allocation allocation) {
        return session.query(
                        "SELECT granted_at FROM allocation WHERE network = ? AND address = ?",
                        row -> row.time(1),
                        allocation.network(),
                        allocation.address().bytes())
                .getFirst();
    }

    /// @param unused true if the address was never on a link; it then continues the rest that it had before
    static void free(SqliteSession session, Allocation allocation, Instant at, boolean unused) {
        byte[] address = allocation.address().bytes();
        session.update(
                """
                INSERT OR REPLACE INTO rest (network, address, freed_at, block, pod, pod_interface) \
                SELECT network, address, CASE WHEN ? THEN coalesce(freed_before, 0) ELSE ? END, \
                (SELECT id FROM block WHERE block.network = allocation.network \
                 AND allocation.address BETWEEN first AND last AND length(allocation.address) = length(first)), ?, ? \
                FROM allocation WHERE network = ? AND address = ?""",
                unused,
                SqliteSession.micros(at),
                pod(allocation.pod()),
                allocation.podInterface(),
                allocation.network(),
                address);
        session.update("DELETE FROM allocation WHERE network = ? AND address = ?", allocation.network(), address);
    }

    /// Deletes addresses that were freed before `time`, the oldest ones of each block first.
    ///
    /// @param resting addresses that were freed at this time or later still rest; they are kept
    static int forget(SqliteSession session, Instant time, Instant resting) {
        return forget(session, time) + limit(session, resting);
    }

    private static int forget(SqliteSession session, Instant time) {
        long micros = SqliteSession.micros(time);
        session.update(
                "DELETE FROM used_range WHERE NOT EXISTS (SELECT 1 FROM allocation WHERE "
                        + IN_RANGE.formatted("allocation") + ") AND NOT EXISTS (SELECT 1 FROM rest WHERE "
                        + IN_RANGE.formatted("rest") + " AND rest.freed_at >= ?)",
                micros);
        return session.update(
                "DELETE FROM rest WHERE freed_at < ? AND NOT EXISTS (SELECT 1 FROM used_range WHERE "
                        + IN_RANGE.formatted("rest") + ")",
                micros);
    }

    /// Deletes the addresses of a block that were freed first, if more than a bound lie outside used ranges.
    private static int limit(SqliteSession session, Instant resting) {
        String outside = "SELECT turn, freed_at, row_number() OVER (PARTITION BY network, block ORDER BY freed_at DESC)"
                + " AS place FROM rest WHERE NOT EXISTS (SELECT 1 FROM used_range WHERE " + IN_RANGE.formatted("rest")
                + ")";
        return session.update(
                "DELETE FROM rest WHERE turn IN (SELECT turn FROM (" + outside + ") WHERE place > ? AND freed_at < ?)",
                MAX_OUTSIDE,
                SqliteSession.micros(resting));
    }
}
