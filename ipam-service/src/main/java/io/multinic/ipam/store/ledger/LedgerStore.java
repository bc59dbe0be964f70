package io.multinic.ipam.store.ledger;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.ipam.ledger.AddressClaim;
import io.multinic.ipam.ledger.AddressKey;
import io.multinic.ipam.ledger.AddressRecord;
import io.multinic.ipam.ledger.LedgerChanges;
import io.multinic.ipam.ledger.LedgerFold;
import io.multinic.ipam.store.Columns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of intervals and conflicts. A batch costs a constant number of statements, whatever its size.
///
/// Batches of different nodes interfere if one claims an address that the other holds. A batch is decided on the
/// state that was read, which must be unchanged at the write: [#apply] checks this and fails with an
/// OptimisticLockingFailureException otherwise. The batch is then decided again.
@Repository
public class LedgerStore {
    private static final String INTERVAL =
            "entry.id, entry.network_id, entry.address, held, node_id, journal_id, opened_sequence, " + Columns.HOLDER;

    /// Open and recently ended intervals. The archive is read only for addresses with events from before its
    /// horizon, which nodes send that were disconnected for long.
    private static final String INTERVALS_AFTER = "WITH requested AS (SELECT * FROM unnest(?::integer[], ?::inet[],"
            + " ?::timestamptz[]) AS requested (network_id, address, earliest)), entry AS (SELECT " + INTERVAL + """
             FROM requested JOIN allocation AS entry ON entry.address = requested.address
              AND entry.network_id = requested.network_id AND held && tstzrange(earliest, NULL)
            UNION ALL SELECT\s"""
            + INTERVAL + """
             FROM requested JOIN allocation_past AS entry ON entry.address = requested.address
              AND entry.network_id = requested.network_id AND held && tstzrange(earliest, NULL) AND ended_at > earliest
            WHERE earliest < (SELECT ended_before FROM allocation_past_horizon))
            SELECT entry.*, network.name AS network, lower(held) AS held_from, upper(held) AS held_to
            FROM entry JOIN network ON network.id = network_id""";

    private final JdbcClient jdbc;

    LedgerStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Ids of these networks. An unknown name gets a row without a definition: events are kept even if the network
    /// was removed.
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

    private record AddressQuery(int networkId, AddressKey key, Instant earliest) {}

    private static final class LoadedAddress {
        private AddressRecord.@Nullable OpenInterval open;
        private @Nullable Instant lastFreed;
        private final List<AddressRecord.WaitingClaim> waiting = new ArrayList<>();
        private final List<AddressRecord.WaitingClaim> released = new ArrayList<>();

        private AddressRecord toRecord() {
            return new AddressRecord(open, lastFreed, waiting, released);
        }
    }

    /// Stored state of every address in the events: the open interval, intervals that ended after the first event,
    /// and open claims.
    public Map<AddressKey, AddressRecord> load(
            Collection<LedgerEvent> events, Map<String, Integer> networkIds, Instant received) {
        Map<AddressKey, AddressQuery> queries = new HashMap<>();
        for (LedgerEvent event : events) {
            var key = AddressKey.of(event.allocation());
            Integer id = networkIds.get(key.network());
            if (id == null) {
                throw new IllegalStateException("no id for network " + key.network());
            }
            queries.merge(
                    key,
                    new AddressQuery(id, key, LedgerFold.effective(event.at(), received)),
                    (one, other) -> one.earliest().isBefore(other.earliest()) ? one : other);
        }
        Map<AddressKey, LoadedAddress> stored = new HashMap<>();
        // Claims first: a claim that is promoted in between is then seen twice, which is detected, and not
        // missed.
        loadWaiting(queries.values(), stored);
        loadIntervals(queries.values(), stored);
        Map<AddressKey, AddressRecord> records = new HashMap<>();
        stored.forEach((key, value) -> records.put(key, value.toRecord()));
        return records;
    }

    private void loadIntervals(Collection<AddressQuery> queries, Map<AddressKey, LoadedAddress> stored) {
        jdbc.sql(INTERVALS_AFTER)
                .param(Columns.texts(queries, AddressQuery::networkId))
                .param(Columns.texts(queries, row -> row.key().address()))
                .param(Columns.texts(queries, AddressQuery::earliest))
                .query(row -> {
                    Allocation allocation = Columns.allocation(row);
                    Instant from = Columns.instant(row, "held_from");
                    if (from == null) {
                        throw new IllegalStateException("an interval without a beginning");
                    }
                    var claim = new AddressClaim(
                            row.getLong("node_id"),
                            row.getLong("journal_id"),
                            row.getLong("opened_sequence"),
                            allocation,
                            from);
                    var address = stored.computeIfAbsent(AddressKey.of(allocation), key -> new LoadedAddress());
                    Instant to = Columns.instant(row, "held_to");
                    if (to == null) {
                        address.open = new AddressRecord.OpenInterval(row.getLong("id"), claim, from);
                    } else if (address.lastFreed == null || to.isAfter(address.lastFreed)) {
                        address.lastFreed = to;
                    }
                });
    }

    private void loadWaiting(Collection<AddressQuery> queries, Map<AddressKey, LoadedAddress> stored) {
        jdbc.sql("SELECT network.name AS network, conflict.id, conflict.node_id, conflict.journal_id,"
                        + " conflict.kind, conflict.sequence, conflict.at, conflict.address, " + Columns.HOLDER + """
                         FROM unnest(?::integer[], ?::inet[]) AS requested (network_id, address)
                        JOIN conflict ON conflict.address = requested.address
                         AND conflict.network_id = requested.network_id AND conflict.resolved_at IS NULL
                        JOIN network ON network.id = conflict.network_id
                        ORDER BY conflict.id""")
                .param(Columns.texts(queries, AddressQuery::networkId))
                .param(Columns.texts(queries, row -> row.key().address()))
                .query(row -> {
                    Allocation allocation = Columns.allocation(row);
                    Instant at = Columns.instant(row, "at");
                    if (at == null) {
                        throw new IllegalStateException("a conflict without a time");
                    }
                    var claim = new AddressClaim(
                            row.getLong("node_id"), row.getLong("journal_id"), row.getLong("sequence"), allocation, at);
                    var address = stored.computeIfAbsent(AddressKey.of(allocation), key -> new LoadedAddress());
                    boolean released = row.getString("kind").equals(ConflictKind.RELEASED.name());
                    (released ? address.released : address.waiting)
                            .add(new AddressRecord.WaitingClaim(row.getLong("id"), claim));
                });
    }

    /// Stores the changes. Intervals end before others begin, so that an address may change its holder within a
    /// batch.
    public void apply(LedgerChanges changes, Map<String, Integer> networkIds) {
        close(changes.closed());
        open(changes.opened(), networkIds);
        insertConflicts(changes.conflicts(), networkIds);
        resolve(changes.resolved());
        requireHolders(changes.conflicts(), networkIds);
        requireNoWaitingClaims(changes.closed());
    }

    private static void requireUnchanged(boolean unchanged) {
        if (!unchanged) {
            throw new OptimisticLockingFailureException("another batch has changed the same addresses meanwhile");
        }
    }

    /// Locks the holders of contested addresses: they cannot free them before this transaction commits.
    private void requireHolders(List<LedgerChanges.Conflict> conflicts, Map<String, Integer> networkIds) {
        Set<AddressKey> contested = new HashSet<>();
        conflicts.stream()
                .filter(conflict -> conflict.kind() == ConflictKind.ADDRESS_HELD && conflict.resolvedAt() == null)
                .forEach(
                        conflict -> contested.add(AddressKey.of(conflict.claim().allocation())));
        if (contested.isEmpty()) {
            return;
        }
        int held = jdbc.sql("""
                        SELECT allocation.id FROM unnest(?::integer[], ?::inet[]) AS requested (network_id, address)
                        JOIN allocation ON allocation.address = requested.address
                         AND allocation.network_id = requested.network_id AND upper_inf(held)
                        FOR SHARE OF allocation""")
                .param(Columns.texts(contested, key -> networkIds.get(key.network())))
                .param(Columns.texts(contested, AddressKey::address))
                .query(Long.class)
                .list()
                .size();
        requireUnchanged(held == contested.size());
    }

    /// Fails if a claim began to wait for one of the closed intervals after the state was read: it must be
    /// promoted.
    private void requireNoWaitingClaims(Map<Long, Instant> closed) {
        if (closed.isEmpty()) {
            return;
        }
        requireUnchanged(!jdbc.sql("""
                        SELECT EXISTS (SELECT FROM conflict AS claim
                            JOIN allocation AS ended ON ended.address = claim.address
                             AND ended.network_id = claim.network_id AND ended.id = ANY (?::bigint[])
                            WHERE claim.resolved_at IS NULL AND claim.kind = ? AND NOT EXISTS (
                                SELECT FROM allocation AS holder WHERE holder.address = claim.address
                                 AND holder.network_id = claim.network_id AND upper_inf(holder.held)))""")
                .param(Columns.texts(closed.keySet(), id -> id))
                .param(ConflictKind.ADDRESS_HELD.name())
                .query(Boolean.class)
                .single());
    }

    private void close(Map<Long, Instant> closed) {
        if (closed.isEmpty()) {
            return;
        }
        int done = jdbc.sql("""
                        UPDATE allocation SET held = tstzrange(lower(held), ended.at)
                        FROM unnest(?::bigint[], ?::timestamptz[]) AS ended (id, at)
                        WHERE allocation.id = ended.id AND upper_inf(held)""")
                .param(Columns.texts(closed.entrySet(), Map.Entry::getKey))
                .param(Columns.texts(closed.entrySet(), Map.Entry::getValue))
                .update();
        requireUnchanged(done == closed.size());
    }

    private void open(List<LedgerChanges.Interval> opened, Map<String, Integer> networkIds) {
        if (opened.isEmpty()) {
            return;
        }
        var claims = opened.stream().map(LedgerChanges.Interval::claim).toList();
        // Concurrent inserts of one address would wait for each other under the exclusion constraint until
        // PostgreSQL detects the deadlock, a second later. With ON CONFLICT one of them fails at once.
        int done = holders(
                        jdbc.sql("INSERT INTO allocation (network_id, node_id, address, journal_id, opened_sequence, "
                                + Columns.HOLDER + """
                                        , held)
                                        SELECT network_id, node_id, address, journal_id, nullif(sequence, 0), nic,
                                               pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface,
                                               tstzrange(held_from, held_to)
                                        FROM unnest(?::integer[], ?::bigint[], ?::inet[], ?::bigint[], ?::bigint[],
                                                    ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                                                    ?::text[], ?::timestamptz[], ?::timestamptz[])
                                             AS added (network_id, node_id, address, journal_id, sequence, nic,
                                                       pod_namespace, pod_name, pod_uid, container_id, if_name,
                                                       pod_interface, held_from, held_to)
                                        ORDER BY address, network_id, held_from ON CONFLICT DO NOTHING"""),
                        claims,
                        networkIds)
                .param(Columns.texts(opened, LedgerChanges.Interval::from))
                .param(Columns.texts(opened, LedgerChanges.Interval::to))
                .update();
        requireUnchanged(done == opened.size());
    }

    private void insertConflicts(List<LedgerChanges.Conflict> conflicts, Map<String, Integer> networkIds) {
        if (conflicts.isEmpty()) {
            return;
        }
        var claims = conflicts.stream().map(LedgerChanges.Conflict::claim).toList();
        holders(
                        jdbc.sql("INSERT INTO conflict (network_id, node_id, address, journal_id, sequence, "
                                + Columns.HOLDER
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
                .param(Columns.texts(claims, AddressClaim::at))
                .param(Columns.texts(conflicts, LedgerChanges.Conflict::kind))
                .param(Columns.texts(conflicts, LedgerChanges.Conflict::resolvedAt))
                .update();
    }

    private static JdbcClient.StatementSpec holders(
            JdbcClient.StatementSpec statement, List<AddressClaim> claims, Map<String, Integer> networkIds) {
        return statement
                .param(Columns.texts(
                        claims, claim -> networkIds.get(claim.allocation().network())))
                .param(Columns.texts(claims, AddressClaim::nodeId))
                .param(Columns.texts(claims, claim -> claim.allocation().address()))
                .param(Columns.texts(claims, AddressClaim::journalId))
                .param(Columns.texts(claims, AddressClaim::sequence))
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
        int done = jdbc.sql("""
                        UPDATE conflict SET resolved_at = ended.at
                        FROM unnest(?::bigint[], ?::timestamptz[]) AS ended (id, at)
                        WHERE conflict.id = ended.id AND resolved_at IS NULL""")
                .param(Columns.texts(resolved.entrySet(), Map.Entry::getKey))
                .param(Columns.texts(resolved.entrySet(), Map.Entry::getValue))
                .update();
        requireUnchanged(done == resolved.size());
    }
}
