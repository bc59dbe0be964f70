package io.multinic.ipam.store;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.ipam.ledger.AddressKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// What nodes said and the ledger cannot hold as true.
@Repository
public class ConflictQueries {
    private final JdbcClient jdbc;

    ConflictQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Which conflicts are asked for; absent means any.
    ///
    /// @param open those that have not been resolved
    public record Filter(
            @Nullable String network,
            @Nullable String node,
            @Nullable ConflictKind kind,
            @Nullable Boolean open) {}

    /// Conflicts below the cursor `before`, the newest first, with who holds the addresses now.
    public List<Conflict> find(Filter filter, long before, int limit) {
        List<Conflict> found = jdbc.sql("""
                        SELECT conflict.id, kind, node.name AS node, network.name AS network, address, nic,
                               pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface, at, resolved_at
                        FROM conflict
                        JOIN node ON node.id = conflict.node_id
                        JOIN network ON network.id = conflict.network_id
                        WHERE conflict.id < :before
                          AND (:network::text IS NULL OR network.name = :network)
                          AND (:node::text IS NULL OR node.name = :node)
                          AND (:kind::text IS NULL OR kind = :kind)
                          AND (:open::boolean IS NULL OR (resolved_at IS NULL) = :open)
                        ORDER BY conflict.id DESC LIMIT :limit""")
                .param("before", before)
                .param("network", filter.network())
                .param("node", filter.node())
                .param("kind", Columns.text(filter.kind()))
                .param("open", filter.open())
                .param("limit", limit)
                .query((row, number) -> new Conflict(
                        row.getLong("id"),
                        ConflictKind.valueOf(row.getString("kind")),
                        row.getString("node"),
                        LedgerStore.allocation(row),
                        Objects.requireNonNull(Columns.instant(row, "at")),
                        Columns.instant(row, "resolved_at"),
                        null))
                .list();
        var holders = holders(found.stream().map(Conflict::allocation).toList());
        return found.stream()
                .map(conflict -> new Conflict(
                        conflict.id(),
                        conflict.kind(),
                        conflict.node(),
                        conflict.allocation(),
                        conflict.at(),
                        conflict.resolvedAt(),
                        holders.get(LedgerStore.key(conflict.allocation()))))
                .toList();
    }

    private Map<AddressKey, AllocationInterval> holders(Collection<Allocation> asked) {
        Map<AddressKey, AllocationInterval> holders = new HashMap<>();
        jdbc.sql("""
                        SELECT DISTINCT ON (allocation.id) node.name AS node, network.name AS network,
                               allocation.address, nic, pod_namespace, pod_name, pod_uid, container_id, if_name,
                               pod_interface, lower(held) AS held_from
                        FROM unnest(?::text[], ?::inet[]) AS asked (network, address)
                        JOIN network ON network.name = asked.network
                        JOIN allocation ON allocation.address = asked.address
                         AND allocation.network_id = network.id AND upper_inf(held)
                        JOIN node ON node.id = allocation.node_id""")
                .param(Columns.texts(asked, Allocation::network))
                .param(Columns.texts(asked, Allocation::address))
                .query(row -> {
                    Allocation held = LedgerStore.allocation(row);
                    holders.put(
                            LedgerStore.key(held),
                            new AllocationInterval(
                                    row.getString("node"),
                                    held,
                                    Objects.requireNonNull(Columns.instant(row, "held_from")),
                                    null));
                });
        return holders;
    }
}
