package io.multinic.ipam.store.usage;

import io.multinic.ipam.store.Columns;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of the figures for the metrics: a constant number of statements, each over a whole table.
@Repository
public class MetricsQueries {
    private final JdbcClient jdbc;

    MetricsQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// @param perHost also by host
    /// @param lagLimit maximum age of the last report of a node that counts as up to date
    public MetricsSnapshot figures(Instant at, boolean perHost, Duration lagLimit) {
        return new MetricsSnapshot(
                at, usage(false), perHost ? usage(true) : List.of(), openConflicts(), lag(at, lagLimit), planLag());
    }

    private List<MetricsSnapshot.Usage> usage(boolean perHost) {
        return jdbc.sql("""
                        WITH held AS (
                            SELECT block.host_index_id, block.cidr, count(*) AS held
                            FROM allocation
                            JOIN host_index host ON host.node_id = allocation.node_id AND host.nic = allocation.nic
                            JOIN block ON block.host_index_id = host.id AND block.network_id = allocation.network_id
                                      AND allocation.address <<= block.cidr
                            WHERE upper_inf(allocation.held)
                            GROUP BY block.host_index_id, block.cidr)
                        SELECT network.name AS network, interface.index, family(block.cidr) AS family,
                               CASE WHEN :perHost THEN node.name ELSE '' END AS node,
                               sum(block.capacity) AS capacity, coalesce(sum(held.held), 0) AS held
                        FROM block
                        JOIN host_index host ON host.id = block.host_index_id
                        JOIN interface_index interface ON interface.id = host.interface_index_id
                        JOIN network ON network.id = interface.network_id
                        JOIN node ON node.id = host.node_id
                        LEFT JOIN held ON held.host_index_id = block.host_index_id AND held.cidr = block.cidr
                        GROUP BY 1, 2, 3, 4""")
                .param("perHost", perHost)
                .query((row, number) -> new MetricsSnapshot.Usage(
                        row.getString("network"),
                        row.getInt("index"),
                        row.getString("node"),
                        row.getInt("family"),
                        row.getBigDecimal("capacity"),
                        row.getLong("held")))
                .list();
    }

    private Map<String, Long> openConflicts() {
        Map<String, Long> open = new HashMap<>();
        jdbc.sql("SELECT kind, count(*) AS open FROM conflict WHERE resolved_at IS NULL GROUP BY kind")
                .query(row -> {
                    open.put(row.getString("kind"), row.getLong("open"));
                });
        return open;
    }

    private MetricsSnapshot.Lag lag(Instant at, Duration limit) {
        return jdbc.sql("""
                        WITH lag AS (
                            SELECT extract(epoch FROM :at - coalesce(reported_at, opened_at)) AS seconds
                            FROM session JOIN node ON node.id = node_id WHERE retired_at IS NULL)
                        SELECT greatest(max(seconds), 0) AS seconds, count(*) FILTER (WHERE seconds > :limit) AS nodes
                        FROM lag""")
                .param("at", Columns.moment(at))
                .param("limit", limit.toSeconds())
                .query((row, number) -> new MetricsSnapshot.Lag(row.getDouble("seconds"), row.getLong("nodes")))
                .single();
    }

    /// Like [PlanQueries#REVISION], for all nodes at once. A restored database has lower revisions: an agent with a
    /// higher one is behind as well.
    private MetricsSnapshot.PlanLag planLag() {
        return jdbc.sql("""
                        WITH interfaces AS (
                            SELECT host.node_id, max(interface.revision) AS revision FROM interface_index interface
                            JOIN host_index host ON host.interface_index_id = interface.id GROUP BY host.node_id),
                        lag AS (
                            SELECT greatest(node.revision, (SELECT max(revision) FROM network), interfaces.revision)
                                   - session.plan_revision AS revisions
                            FROM session JOIN node ON node.id = session.node_id
                            LEFT JOIN interfaces ON interfaces.node_id = node.id
                            WHERE node.current AND session.plan_revision IS NOT NULL)
                        SELECT count(*) AS nodes, coalesce(max(abs(revisions)), 0) AS revisions
                        FROM lag WHERE revisions <> 0""")
                .query((row, number) -> new MetricsSnapshot.PlanLag(row.getLong("nodes"), row.getLong("revisions")))
                .single();
    }
}
