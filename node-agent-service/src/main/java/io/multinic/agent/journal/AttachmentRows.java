package io.multinic.agent.journal;

import io.multinic.agent.address.BlockUse;
import io.multinic.agent.journal.SqliteSession.Row;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// SQL statements for attachments and addresses; each runs in the caller's transaction.
final class AttachmentRows {
    private static final String ATTACHMENT = """
            SELECT container_id, if_name, network, sandbox_path, sandbox_identity, pod_namespace, pod_name, pod_uid, \
            fingerprint, detail, state, result FROM attachment""";

    private AttachmentRows() {}

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
                        row -> AddressColumns.instant(row.number(1)),
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
        return session.query(
                "SELECT " + AddressColumns.ALLOCATION + " WHERE a.container_id = ? AND a.if_name = ? ORDER BY position",
                AddressColumns::allocation,
                key.containerId(),
                key.ifName());
    }

    /// Fails if the address is held: the primary key is the last guard against two holders.
    static void insert(SqliteSession session, Allocation allocation, int position) {
        insert(session, "INSERT", allocation, position);
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

    /// Held and resting addresses of a block. Addresses are compared as blobs; the length distinguishes the families.
    static BlockUse use(SqliteSession session, String network, Cidr block) {
        byte[] first = block.first().bytes();
        byte[] last = block.last().bytes();
        var held = new TreeMap<IpAddress, String>();
        session.query("""
                        SELECT a.address, t.pod_namespace || '/' || t.pod_name \
                        FROM allocation a JOIN attachment t USING (container_id, if_name) \
                        WHERE a.network = ? AND a.address BETWEEN ? AND ? AND length(a.address) = ?""", row -> new Held(IpAddress.of(row.bytes(1)), row.text(2)), network, first, last, first.length)
                .forEach(found -> held.put(found.address(), found.pod()));
        var resting = session.query(
                """
                SELECT address, freed_at FROM rest \
                WHERE network = ? AND address BETWEEN ? AND ? AND length(address) = ? ORDER BY turn""",
                row -> new BlockUse.Rested(IpAddress.of(row.bytes(1)), AddressColumns.instant(row.number(2))),
                network,
                first,
                last,
                first.length);
        return new BlockUse(held, resting);
    }

    private record Held(IpAddress address, String pod) {}
}
