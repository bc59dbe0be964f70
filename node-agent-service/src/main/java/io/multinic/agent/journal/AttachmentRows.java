package io.multinic.agent.journal;

import io.multinic.agent.journal.SqliteSession.Row;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// SQL statements for attachments and addresses; each runs in the caller's transaction.
final class AttachmentRows {
    private static final String ATTACHMENT = """
            SELECT container_id, if_name, network, sandbox_path, sandbox_identity, pod_namespace, pod_name, pod_uid, \
            fingerprint, detail, state, result FROM attachment""";

    /// Columns in the order in which [#allocation] reads them.
    static final String ALLOCATION = """
            a.network, a.address, a.nic, t.pod_namespace, t.pod_name, t.pod_uid, a.container_id, a.if_name, \
            a.pod_interface FROM allocation a JOIN attachment t USING (container_id, if_name)""";

    private AttachmentRows() {}

    static Allocation allocation(Row row) {
        return new Allocation(
                row.text(1),
                IpAddress.of(row.bytes(2)),
                row.text(3),
                new PodRef(row.text(4), row.text(5), row.text(6)),
                row.text(7),
                row.text(8),
                row.text(9));
    }

    static void insert(SqliteSession session, Intent intent, Attachment.State state, @Nullable String result) {
        session.update(
                """
                INSERT INTO attachment (container_id, if_name, network, sandbox_path, sandbox_identity, \
                pod_namespace, pod_name, pod_uid, fingerprint, detail, state, result) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                intent.key().containerId(),
                intent.key().ifName(),
                intent.network(),
                intent.sandbox().path(),
                intent.sandbox().identity(),
                intent.pod().namespace(),
                intent.pod().name(),
                intent.pod().uid(),
                intent.fingerprint(),
                intent.detail(),
                state.name(),
                result);
    }

    static Optional<Attachment> find(SqliteSession session, AttachmentKey key) {
        return session
                .query(
                        ATTACHMENT + " WHERE container_id = ? AND if_name = ?",
                        row -> attachment(row, allocations(session, key)),
                        key.containerId(),
                        key.ifName())
                .stream()
                .findFirst();
    }

    /// Time of the attachment's deletion, from its tombstone.
    static Optional<Instant> deletedAt(SqliteSession session, AttachmentKey key) {
        return session
                .query(
                        "SELECT deleted_at FROM tombstone WHERE container_id = ? AND if_name = ?",
                        row -> row.time(1),
                        key.containerId(),
                        key.ifName())
                .stream()
                .findFirst();
    }

    static List<Attachment> all(SqliteSession session) {
        return session.query(
                ATTACHMENT + " ORDER BY rowid",
                row -> attachment(row, allocations(session, new AttachmentKey(row.text(1), row.text(2)))));
    }

    private static Attachment attachment(Row row, List<Allocation> allocations) {
        var intent = new Intent(
                new AttachmentKey(row.text(1), row.text(2)),
                row.text(3),
                new Sandbox(row.text(4), row.text(5)),
                new PodRef(row.text(6), row.text(7), row.text(8)),
                row.text(9),
                row.text(10));
        return new Attachment(intent, Attachment.State.valueOf(row.text(11)), row.nullableText(12), allocations);
    }

    static List<Allocation> allocations(SqliteSession session, AttachmentKey key) {
        return allocations(session, key, "");
    }

    /// Addresses whose ALLOCATED event was not written yet.
    static List<Allocation> unreported(SqliteSession session, AttachmentKey key) {
        return allocations(session, key, "AND a.granted_at IS NOT NULL ");
    }

    private static List<Allocation> allocations(SqliteSession session, AttachmentKey key, String condition) {
        return session.query(
                "SELECT " + ALLOCATION + " WHERE a.container_id = ? AND a.if_name = ? " + condition
                        + "ORDER BY position",
                AttachmentRows::allocation,
                key.containerId(),
                key.ifName());
    }

    /// Attachments of the intent's pod in sandboxes of an earlier boot of the node.
    static List<AttachmentKey> ofEarlierBoots(SqliteSession session, Intent intent) {
        if (intent.pod().uid().isEmpty()) {
            return List.of();
        }
        return session.query(
                """
                SELECT container_id, if_name FROM attachment \
                WHERE pod_uid = ? AND pod_namespace = ? AND pod_name = ? AND sandbox_identity <> '' \
                AND substr(sandbox_identity, 1, instr(sandbox_identity, '/')) <> ?""",
                row -> new AttachmentKey(row.text(1), row.text(2)),
                intent.pod().uid(),
                intent.pod().namespace(),
                intent.pod().name(),
                intent.sandbox().boot());
    }

    static void insertIfFree(SqliteSession session, Allocation allocation, int position) {
        insert(session, "INSERT OR IGNORE", allocation, position);
    }

    /// Replaces the present holder of the address, if there is one.
    static void insertInstead(SqliteSession session, Allocation allocation) {
        long position = session.query("""
                SELECT coalesce(max(position) + 1, 0) FROM allocation WHERE container_id = ? AND if_name = ?""", row -> row.number(1), allocation.containerId(), allocation.ifName())
                .getFirst();
        insert(session, "INSERT OR REPLACE", allocation, (int) position);
    }

    private static void insert(SqliteSession session, String verb, Allocation allocation, int position) {
        session.update(
                verb + """
                          INTO allocation (network, address, nic, pod_interface, container_id, if_name, position) \
                        VALUES (?, ?, ?, ?, ?, ?, ?)""",
                allocation.network(),
                allocation.address().bytes(),
                allocation.nic(),
                allocation.podInterface(),
                allocation.containerId(),
                allocation.ifName(),
                position);
    }
}
