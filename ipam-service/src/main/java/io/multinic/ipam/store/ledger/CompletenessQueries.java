package io.multinic.ipam.store.ledger;

import io.multinic.contract.wire.Completeness;
import io.multinic.contract.wire.Completeness.Behind;
import io.multinic.ipam.store.Columns;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of the ledger's completeness: the time up to which each node's agent has reported.
@Repository
public class CompletenessQueries {
    /// All nodes that ever had a session. In quarantine also those without a session that have not reported: the
    /// database may have lost their session.
    private static final String REPORTS = """
            (SELECT node_id, reported_at FROM session
             WHERE node_id NOT IN (SELECT id FROM node WHERE retired_at IS NOT NULL)
             UNION ALL
             SELECT node.id, NULL FROM lineage JOIN node ON node.spoke_in < lineage.generation
             WHERE lineage.since IS NOT NULL AND lineage.ended IS NULL AND node.retired_at IS NULL
              AND NOT EXISTS (SELECT FROM session WHERE session.node_id = node.id)) AS report""";

    private final JdbcClient jdbc;

    CompletenessQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// @param limit a node whose last report is older is behind
    public Completeness completeness(Instant limit) {
        record Totals(@Nullable Instant asOf, long behind) {}
        // Runs with every answer: counting all and subtracting avoids a join of all nodes, and a timestamp
        // parameter avoids parsing a text for each row.
        Totals totals = jdbc.sql("""
                        SELECT CASE WHEN count(*) = count(reported_at) THEN min(reported_at) END AS as_of,
                               count(*) - count(*) FILTER (WHERE reported_at >= ?) AS behind
                        FROM\s""" + REPORTS)
                .param(Columns.moment(limit))
                .query((row, number) -> new Totals(Columns.instant(row, "as_of"), row.getLong("behind")))
                .single();
        return new Completeness(
                totals.asOf(), totals.behind(), totals.behind() == 0 ? List.of() : furthestBehind(limit));
    }

    private List<Behind> furthestBehind(Instant limit) {
        return jdbc.sql("""
                        SELECT name, uid, reported_at FROM\s""" + REPORTS + """
                         JOIN node ON node.id = node_id
                        WHERE reported_at IS NULL OR reported_at < ?
                        ORDER BY reported_at NULLS FIRST, name, node_id LIMIT ?""")
                .param(Columns.moment(limit))
                .param(Completeness.MAX_BEHIND)
                .query((row, number) ->
                        new Behind(row.getString("name"), row.getString("uid"), Columns.instant(row, "reported_at")))
                .list();
    }
}
