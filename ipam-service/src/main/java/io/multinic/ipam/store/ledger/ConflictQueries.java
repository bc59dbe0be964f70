package io.multinic.ipam.store.ledger;

import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.ipam.ledger.AddressKey;
import io.multinic.ipam.store.Columns;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of conflicts between nodes' claims and the ledger.
@Repository
public class ConflictQueries {
    private final JdbcClient jdbc;
    private final HoldingQueries holdings;

    ConflictQueries(JdbcClient jdbc, HoldingQueries holdings) {
        this.jdbc = jdbc;
        this.holdings = holdings;
    }

    /// Filter of conflicts; an absent field matches any.
    ///
    /// @param open not resolved
    public record Filter(
            @Nullable String network,
            @Nullable String node,
            @Nullable ConflictKind kind,
            @Nullable Boolean open) {}

    /// Conflicts below the cursor `before`, the newest first, with the present holders of their addresses.
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
                        Columns.allocation(row),
                        Objects.requireNonNull(Columns.instant(row, "at")),
                        Columns.instant(row, "resolved_at"),
                        null))
                .list();
        var holders = holdings.holders(found.stream().map(Conflict::allocation).toList());
        return found.stream()
                .map(conflict -> new Conflict(
                        conflict.id(),
                        conflict.kind(),
                        conflict.node(),
                        conflict.allocation(),
                        conflict.at(),
                        conflict.resolvedAt(),
                        holders.get(AddressKey.of(conflict.allocation()))))
                .toList();
    }
}
