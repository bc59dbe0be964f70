package io.multinic.ipam.store;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.AllocationInterval;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Who held which address, from when to when.
@Repository
public class AuditQueries {
    private static final String INTERVALS = """
            SELECT allocation.id, node.name AS node, network.name AS network, allocation.address, allocation.nic,
                   pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface,
                   lower(held) AS held_from, upper(held) AS held_to
            FROM allocation
            JOIN node ON node.id = allocation.node_id
            JOIN network ON network.id = allocation.network_id
            """;

    private final JdbcClient jdbc;

    AuditQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// An interval with its place in the ledger.
    public record Entry(long id, AllocationInterval interval) {}

    /// Who held the address at the moment: one holder in each network at most.
    public List<AllocationInterval> holdersAt(IpAddress address, Instant at) {
        return jdbc.sql(INTERVALS + "WHERE address = ?::inet AND held @> ?::timestamptz ORDER BY network.name")
                .param(address.toString())
                .param(at.toString())
                .query((row, number) -> entry(row).interval())
                .list();
    }

    /// The address's history below the cursor `before`, the newest first.
    public List<Entry> history(IpAddress address, long before, int limit) {
        return jdbc.sql(INTERVALS + "WHERE address = ?::inet AND allocation.id < ? ORDER BY allocation.id DESC LIMIT ?")
                .param(address.toString())
                .param(before)
                .param(limit)
                .query((row, number) -> entry(row))
                .list();
    }

    /// Intervals below the cursor `before`, the newest first.
    public List<Entry> audit(AuditFilter filter, long before, int limit) {
        return jdbc.sql(INTERVALS + """
                        WHERE allocation.id < :before
                          AND (:network::text IS NULL OR network.name = :network)
                          AND (:node::text IS NULL OR node.name = :node)
                          AND (:namespace::text IS NULL OR pod_namespace = :namespace)
                          AND (:pod::text IS NULL OR pod_name = :pod)
                          AND (:open::boolean IS NULL OR upper_inf(held) = :open)
                        ORDER BY allocation.id DESC LIMIT :limit""")
                .param("before", before)
                .param("network", filter.network())
                .param("node", filter.node())
                .param("namespace", filter.namespace())
                .param("pod", filter.pod())
                .param("open", filter.open())
                .param("limit", limit)
                .query((row, number) -> entry(row))
                .list();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        Instant from = Objects.requireNonNull(Columns.instant(row, "held_from"));
        @Nullable Instant to = Columns.instant(row, "held_to");
        return new Entry(
                row.getLong("id"),
                new AllocationInterval(row.getString("node"), LedgerStore.allocation(row), from, to));
    }
}
