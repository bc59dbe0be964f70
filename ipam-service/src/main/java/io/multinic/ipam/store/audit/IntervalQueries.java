package io.multinic.ipam.store.audit;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.ipam.store.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of allocation intervals.
@Repository
public class IntervalQueries {
    private static final String COLUMNS = """
            SELECT entry.id, node.name AS node, network.name AS network, entry.address, entry.nic,
                   pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface,
                   lower(held) AS held_from, upper(held) AS held_to
            FROM\s""";
    private static final String NAMES = """
             AS entry JOIN node ON node.id = entry.node_id JOIN network ON network.id = entry.network_id
            """;
    private static final String INTERVALS = COLUMNS + "ledger_interval" + NAMES;

    private final JdbcClient jdbc;

    IntervalQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Interval with its id, which serves as cursor.
    public record Entry(long id, AllocationInterval interval) {}

    /// Holders of the address at this time, at most one in each network.
    public List<AllocationInterval> holdersAt(IpAddress address, Instant at) {
        return jdbc.sql(INTERVALS + """
                        WHERE address = :address::inet AND held @> :at::timestamptz
                          AND (ended_at IS NULL OR ended_at > :at::timestamptz) ORDER BY network.name""")
                .param("address", address.toString())
                .param("at", at.toString())
                .query((row, number) -> entry(row).interval())
                .list();
    }

    /// Intervals of the address below the cursor `before`, the newest first.
    public List<Entry> history(IpAddress address, long before, int limit) {
        return jdbc.sql(INTERVALS + "WHERE address = ?::inet AND entry.id < ? ORDER BY entry.id DESC LIMIT ?")
                .param(address.toString())
                .param(before)
                .param(limit)
                .query((row, number) -> entry(row))
                .list();
    }

    /// Intervals below the cursor `before`, the newest first.
    public List<Entry> audit(IntervalFilter filter, long before, int limit) {
        var statement = jdbc.sql(COLUMNS + newest(filter) + NAMES + "ORDER BY entry.id DESC LIMIT :limit")
                .param("before", before)
                .param("limit", limit);
        for (var given : given(filter).entrySet()) {
            statement = statement.param(given.getKey(), given.getValue());
        }
        return statement.query((row, number) -> entry(row)).list();
    }

    private static Map<String, String> given(IntervalFilter filter) {
        Map<String, String> given = new LinkedHashMap<>();
        given.put("network", filter.network());
        given.put("node", filter.node());
        given.put("namespace", filter.namespace());
        given.put("pod", filter.pod());
        given.put("from", Columns.text(filter.from()));
        given.put("to", Columns.text(filter.to()));
        given.values().removeIf(Objects::isNull);
        return given;
    }

    /// Selects the newest rows before joining names, from indexes that end with the id, so that no more rows are
    /// read than shown. A name may belong to several nodes; the newest rows of each are taken.
    private static String newest(IntervalFilter filter) {
        var newest = new StringBuilder("(SELECT one.* FROM ledger_interval AS one WHERE one.id < :before");
        if (filter.network() != null) {
            newest.append(" AND one.network_id = (SELECT id FROM network WHERE name = :network)");
        }
        if (filter.namespace() != null) {
            newest.append(" AND one.pod_namespace = :namespace");
        }
        if (filter.pod() != null) {
            newest.append(" AND one.pod_name = :pod");
        }
        if (filter.open() != null) {
            newest.append(filter.open() ? " AND one.ended_at IS NULL" : " AND one.ended_at IS NOT NULL");
        }
        if (filter.from() != null) {
            newest.append(" AND (one.ended_at IS NULL OR one.ended_at > :from::timestamptz)");
        }
        if (filter.to() != null) {
            newest.append(" AND lower(one.held) < :to::timestamptz");
        }
        if (filter.node() == null) {
            return newest.append(" ORDER BY one.id DESC LIMIT :limit)").toString();
        }
        return "(SELECT newest.* FROM node AS requested CROSS JOIN LATERAL "
                + newest.append(" AND one.node_id = requested.id ORDER BY one.id DESC LIMIT :limit)")
                + " AS newest WHERE requested.name = :node)";
    }

    private static Entry entry(ResultSet row) throws SQLException {
        Instant from = Objects.requireNonNull(Columns.instant(row, "held_from"));
        @Nullable Instant to = Columns.instant(row, "held_to");
        return new Entry(
                row.getLong("id"), new AllocationInterval(row.getString("node"), Columns.allocation(row), from, to));
    }
}
