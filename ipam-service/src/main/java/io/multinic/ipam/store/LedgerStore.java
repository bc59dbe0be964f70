package io.multinic.ipam.store;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.PodRef;
import io.multinic.ipam.ledger.AddressKey;
import io.multinic.ipam.ledger.AddressRecord;
import io.multinic.ipam.ledger.Claim;
import io.multinic.ipam.ledger.LedgerChanges;
import io.multinic.ipam.ledger.LedgerFold;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Sessions, journals, intervals and conflicts. A batch costs the same few statements, whatever its size.
@Repository
public class LedgerStore {
    private static final String HOLDER = "nic, pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface";

    private static final String INTERVAL =
            "entry.id, entry.network_id, entry.address, held, node_id, journal_id, opened_sequence, " + HOLDER;

    /// The history is looked into only for addresses with events from before it ends: of nodes that were cut off.
    private static final String INTERVALS_AFTER = "WITH asked AS (SELECT * FROM unnest(?::integer[], ?::inet[],"
            + " ?::timestamptz[]) AS asked (network_id, address, earliest)), entry AS (SELECT " + INTERVAL + """
             FROM asked JOIN allocation AS entry ON entry.address = asked.address
              AND entry.network_id = asked.network_id AND held && tstzrange(earliest, NULL)
            UNION ALL SELECT\s"""
            + INTERVAL + """
             FROM asked JOIN allocation_past AS entry ON entry.address = asked.address
              AND entry.network_id = asked.network_id AND held && tstzrange(earliest, NULL) AND ended_at > earliest
            WHERE earliest < (SELECT ended_before FROM allocation_past_horizon))
            SELECT entry.*, network.name AS network, lower(held) AS held_from, upper(held) AS held_to
            FROM entry JOIN network ON network.id = network_id""";

    private final JdbcClient jdbc;

    LedgerStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Locks the node's session until the transaction ends: a node's batches and sessions come one after the other.
    ///
    /// @return empty without a session, or if its journal has ended
    public Optional<SessionRecord> lockSession(NodeRecord node) {
        return lockSession(node.id());
    }

    /// See above.
    public Optional<SessionRecord> lockSession(long nodeId) {
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
    public SessionRecord openSession(NodeRecord node, String storeId, Instant at) {
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
        return lockSession(node).orElseThrow();
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

    public long openAddresses(NodeRecord node) {
        return jdbc.sql("SELECT count(*) FROM allocation WHERE node_id = ? AND upper_inf(held)")
                .param(node.id())
                .query(Long.class)
                .single();
    }

    /// How many addresses of the network are held, by node name.
    public Map<String, Long> openByNode(NetworkRecord network) {
        Map<String, Long> open = new TreeMap<>();
        var openByNode = """
                SELECT node.name, count(*) AS open FROM allocation
                JOIN node ON node.id = allocation.node_id
                WHERE upper_inf(allocation.held) AND allocation.network_id = ? GROUP BY node.name""";
        jdbc.sql(openByNode).param(network.id()).query(row -> {
            open.put(row.getString("name"), row.getLong("open"));
        });
        return open;
    }

    /// One held address of the network in one of the blocks, if there is any.
    public Optional<HeldAddress> heldIn(NetworkRecord network, Collection<Cidr> blocks) {
        return jdbc.sql("""
                        SELECT node.name, allocation.address, asked.block
                        FROM unnest(?::cidr[]) AS asked (block)
                        JOIN allocation ON allocation.address <<= asked.block AND allocation.network_id = ?
                        JOIN node ON node.id = allocation.node_id
                        WHERE upper_inf(allocation.held) LIMIT 1""")
                .param(Columns.texts(blocks, block -> block))
                .param(network.id())
                .query((row, number) ->
                        new HeldAddress(row.getString("name"), row.getString("address"), Columns.cidr(row, "block")))
                .optional();
    }

    /// An address that a pod holds.
    public record HeldAddress(String node, String address, Cidr block) {}

    /// What the ledger shows as held on the node.
    public List<Allocation> open(NodeRecord node) {
        return jdbc.sql("SELECT network.name AS network, address, " + HOLDER + """
                         FROM allocation JOIN network ON network.id = network_id
                        WHERE node_id = ? AND upper_inf(held) ORDER BY allocation.id""")
                .param(node.id())
                .query((row, number) -> allocation(row))
                .list();
    }

    /// What the node claims, although the ledger shows it as another one's or as ended.
    public List<Allocation> claimed(NodeRecord node) {
        return jdbc.sql("SELECT network.name AS network, address, " + HOLDER + """
                         FROM conflict JOIN network ON network.id = network_id
                        WHERE node_id = ? AND resolved_at IS NULL ORDER BY conflict.id""")
                .param(node.id())
                .query((row, number) -> allocation(row))
                .list();
    }

    /// Who holds an address.
    public record Holder(long nodeId, AllocationInterval interval) {}

    public Optional<Holder> holder(String network, IpAddress address) {
        return jdbc.sql(
                        "SELECT node_id, node.name AS node, network.name AS network, lower(held) AS held_from, address, "
                                + HOLDER + """
                         FROM allocation
                        JOIN network ON network.id = allocation.network_id
                        JOIN node ON node.id = allocation.node_id
                        WHERE network.name = ? AND address = ?::inet AND upper_inf(held)""")
                .param(network)
                .param(address.toString())
                .query((row, number) -> new Holder(
                        row.getLong("node_id"),
                        new AllocationInterval(
                                row.getString("node"),
                                allocation(row),
                                Objects.requireNonNull(Columns.instant(row, "held_from")),
                                null)))
                .optional();
    }

    /// The ids of these networks. A name that was never seen gets a row without a definition: what a node says of its
    /// addresses is kept even if the network is gone.
    public Map<String, Integer> networkIds(Collection<String> names) {
        String[] sorted = names.stream().distinct().sorted().toArray(String[]::new);
        Map<String, Integer> ids = findNetworkIds(sorted);
        if (ids.size() < sorted.length) {
            jdbc.sql("INSERT INTO network (name) SELECT unnest(?::text[]) ON CONFLICT DO NOTHING")
                    .param(sorted)
                    .update();
            ids = findNetworkIds(sorted);
        }
        return ids;
    }

    private Map<String, Integer> findNetworkIds(String[] names) {
        Map<String, Integer> ids = new HashMap<>();
        jdbc.sql("SELECT id, name FROM network WHERE name = ANY (?)")
                .param(names)
                .query(row -> {
                    ids.put(row.getString("name"), row.getInt("id"));
                });
        return ids;
    }

    private record Asked(int networkId, AddressKey key, Instant earliest) {}

    private static final class Known {
        private AddressRecord.@Nullable OpenInterval open;
        private @Nullable Instant lastFreed;
        private final List<AddressRecord.WaitingClaim> waiting = new ArrayList<>();
        private final List<AddressRecord.WaitingClaim> released = new ArrayList<>();

        private AddressRecord toRecord() {
            return new AddressRecord(open, lastFreed, waiting, released);
        }
    }

    /// What is stored of every address that the events name, as far as it matters to them: the open interval, the end
    /// of intervals that ended after the first event, and waiting claims.
    public Map<AddressKey, AddressRecord> known(
            Collection<LedgerEvent> events, Map<String, Integer> networkIds, Instant received) {
        Map<AddressKey, Asked> asked = new HashMap<>();
        for (LedgerEvent event : events) {
            var key = new AddressKey(
                    event.allocation().network(), event.allocation().address());
            Integer id = networkIds.get(key.network());
            if (id == null) {
                throw new IllegalStateException("no id for network " + key.network());
            }
            asked.merge(
                    key,
                    new Asked(id, key, LedgerFold.effective(event.at(), received)),
                    (one, other) -> one.earliest().isBefore(other.earliest()) ? one : other);
        }
        Map<AddressKey, Known> known = new HashMap<>();
        loadIntervals(asked.values(), known);
        loadWaiting(asked.values(), known);
        Map<AddressKey, AddressRecord> records = new HashMap<>();
        known.forEach((key, value) -> records.put(key, value.toRecord()));
        return records;
    }

    private void loadIntervals(Collection<Asked> asked, Map<AddressKey, Known> known) {
        jdbc.sql(INTERVALS_AFTER)
                .param(Columns.texts(asked, Asked::networkId))
                .param(Columns.texts(asked, row -> row.key().address()))
                .param(Columns.texts(asked, Asked::earliest))
                .query(row -> {
                    Allocation allocation = allocation(row);
                    Instant from = Columns.instant(row, "held_from");
                    if (from == null) {
                        throw new IllegalStateException("an interval without a beginning");
                    }
                    var claim = new Claim(
                            row.getLong("node_id"),
                            row.getLong("journal_id"),
                            row.getLong("opened_sequence"),
                            allocation,
                            from);
                    var address = known.computeIfAbsent(key(allocation), key -> new Known());
                    Instant to = Columns.instant(row, "held_to");
                    if (to == null) {
                        address.open = new AddressRecord.OpenInterval(row.getLong("id"), claim, from);
                    } else if (address.lastFreed == null || to.isAfter(address.lastFreed)) {
                        address.lastFreed = to;
                    }
                });
    }

    private void loadWaiting(Collection<Asked> asked, Map<AddressKey, Known> known) {
        jdbc.sql("SELECT network.name AS network, conflict.id, conflict.node_id, conflict.journal_id,"
                        + " conflict.kind, conflict.sequence, conflict.at, conflict.address, " + HOLDER + """
                         FROM unnest(?::integer[], ?::inet[]) AS asked (network_id, address)
                        JOIN conflict ON conflict.address = asked.address
                         AND conflict.network_id = asked.network_id AND conflict.resolved_at IS NULL
                        JOIN network ON network.id = conflict.network_id
                        ORDER BY conflict.id""")
                .param(Columns.texts(asked, Asked::networkId))
                .param(Columns.texts(asked, row -> row.key().address()))
                .query(row -> {
                    Allocation allocation = allocation(row);
                    Instant at = Columns.instant(row, "at");
                    if (at == null) {
                        throw new IllegalStateException("a conflict without a time");
                    }
                    var claim = new Claim(
                            row.getLong("node_id"), row.getLong("journal_id"), row.getLong("sequence"), allocation, at);
                    var address = known.computeIfAbsent(key(allocation), key -> new Known());
                    boolean released = row.getString("kind").equals(LedgerChanges.Kind.RELEASED.name());
                    (released ? address.released : address.waiting)
                            .add(new AddressRecord.WaitingClaim(row.getLong("id"), claim));
                });
    }

    /// Stores what a batch does. Ends before beginnings, so that an address may change hands within it.
    public void apply(LedgerChanges changes, Map<String, Integer> networkIds) {
        close(changes.closed());
        open(changes.opened(), networkIds);
        insertConflicts(changes.conflicts(), networkIds);
        resolve(changes.resolved());
    }

    private void close(Map<Long, Instant> closed) {
        if (closed.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        UPDATE allocation SET held = tstzrange(lower(held), ended.at)
                        FROM unnest(?::bigint[], ?::timestamptz[]) AS ended (id, at)
                        WHERE allocation.id = ended.id""")
                .param(Columns.texts(closed.entrySet(), Map.Entry::getKey))
                .param(Columns.texts(closed.entrySet(), Map.Entry::getValue))
                .update();
    }

    private void open(List<LedgerChanges.Interval> opened, Map<String, Integer> networkIds) {
        if (opened.isEmpty()) {
            return;
        }
        var claims = opened.stream().map(LedgerChanges.Interval::claim).toList();
        holders(
                        jdbc.sql("INSERT INTO allocation (network_id, node_id, address, journal_id, opened_sequence, "
                                + HOLDER + """
                                        , held)
                                        SELECT network_id, node_id, address, journal_id, nullif(sequence, 0), nic,
                                               pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface,
                                               tstzrange(held_from, held_to)
                                        FROM unnest(?::integer[], ?::bigint[], ?::inet[], ?::bigint[], ?::bigint[],
                                                    ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                                                    ?::text[], ?::timestamptz[], ?::timestamptz[])
                                             AS added (network_id, node_id, address, journal_id, sequence, nic,
                                                       pod_namespace, pod_name, pod_uid, container_id, if_name,
                                                       pod_interface, held_from, held_to)"""),
                        claims,
                        networkIds)
                .param(Columns.texts(opened, LedgerChanges.Interval::from))
                .param(Columns.texts(opened, LedgerChanges.Interval::to))
                .update();
    }

    private void insertConflicts(List<LedgerChanges.Conflict> conflicts, Map<String, Integer> networkIds) {
        if (conflicts.isEmpty()) {
            return;
        }
        var claims = conflicts.stream().map(LedgerChanges.Conflict::claim).toList();
        holders(
                        jdbc.sql("INSERT INTO conflict (network_id, node_id, address, journal_id, sequence, " + HOLDER
                                + """
                                        , at, kind, resolved_at)
                                        SELECT network_id, node_id, address, journal_id, nullif(sequence, 0), nic,
                                               pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface,
                                               at, kind, resolved_at
                                        FROM unnest(?::integer[], ?::bigint[], ?::inet[], ?::bigint[], ?::bigint[],
                                                    ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                                                    ?::text[], ?::timestamptz[], ?::text[], ?::timestamptz[])
                                             AS added (network_id, node_id, address, journal_id, sequence, nic,
                                                       pod_namespace, pod_name, pod_uid, container_id, if_name,
                                                       pod_interface, at, kind, resolved_at)"""),
                        claims,
                        networkIds)
                .param(Columns.texts(claims, Claim::at))
                .param(Columns.texts(conflicts, LedgerChanges.Conflict::kind))
                .param(Columns.texts(conflicts, LedgerChanges.Conflict::resolvedAt))
                .update();
    }

    private static JdbcClient.StatementSpec holders(
            JdbcClient.StatementSpec statement, List<Claim> claims, Map<String, Integer> networkIds) {
        return statement
                .param(Columns.texts(
                        claims, claim -> networkIds.get(claim.allocation().network())))
                .param(Columns.texts(claims, Claim::nodeId))
                .param(Columns.texts(claims, claim -> claim.allocation().address()))
                .param(Columns.texts(claims, Claim::journalId))
                .param(Columns.texts(claims, Claim::sequence))
                .param(Columns.texts(claims, claim -> claim.allocation().nic()))
                .param(Columns.texts(claims, claim -> claim.allocation().pod().namespace()))
                .param(Columns.texts(claims, claim -> claim.allocation().pod().name()))
                .param(Columns.texts(claims, claim -> claim.allocation().pod().uid()))
                .param(Columns.texts(claims, claim -> claim.allocation().containerId()))
                .param(Columns.texts(claims, claim -> claim.allocation().ifName()))
                .param(Columns.texts(claims, claim -> claim.allocation().podInterface()));
    }

    private void resolve(Map<Long, Instant> resolved) {
        if (resolved.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        UPDATE conflict SET resolved_at = ended.at
                        FROM unnest(?::bigint[], ?::timestamptz[]) AS ended (id, at)
                        WHERE conflict.id = ended.id""")
                .param(Columns.texts(resolved.entrySet(), Map.Entry::getKey))
                .param(Columns.texts(resolved.entrySet(), Map.Entry::getValue))
                .update();
    }

    static AddressKey key(Allocation allocation) {
        return new AddressKey(allocation.network(), allocation.address());
    }

    static Allocation allocation(ResultSet row) throws SQLException {
        return new Allocation(
                row.getString("network"),
                Columns.address(row, "address"),
                row.getString("nic"),
                new PodRef(row.getString("pod_namespace"), row.getString("pod_name"), row.getString("pod_uid")),
                row.getString("container_id"),
                row.getString("if_name"),
                row.getString("pod_interface"));
    }
}
