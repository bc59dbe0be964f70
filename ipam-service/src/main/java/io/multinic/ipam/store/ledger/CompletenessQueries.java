package io.multinic.ipam.store.ledger;

import io.multinic.contract.wire.Completeness;
import io.multinic.contract.wire.Completeness.Behind;
import io.multinic.ipam.store.Columns;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// How far each node's agent is.
@Repository
public class CompletenessQueries {
    /// Of all nodes that ever had a session. In quarantine also of those that have none and have not spoken: the
    /// database may have lost that they had one.
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

    /// @param late a node that has not reported up to this moment is behind
    public Completeness completeness(Instant late) {
        record All(@Nullable Instant asOf, long behind) {}
        // With every answer: so the many nodes that are there are not joined, only the few that are not left out; and
        // the moment comes as a timestamp, since a text would be read anew for each row.
        All all = jdbc.sql("""
                        SELECT CASE WHEN count(*) = count(reported_at) THEN min(reported_at) END AS as_of,
                               count(*) - count(*) FILTER (WHERE reported_at >= ?) AS behind
                        FROM\s""" + REPORTS)
                .param(Columns.moment(late))
                .query((row, number) -> new All(Columns.instant(row, "as_of"), row.getLong("behind")))
                .single();
        return new Completeness(all.asOf(), all.behind(), all.behind() == 0 ? List.of() : furthestBehind(late));
    }

    private List<Behind> furthestBehind(Instant late) {
        return jdbc.sql("""
                        SELECT name, uid, reported_at FROM\s""" + REPORTS + """
                         JOIN node ON node.id = node_id
                        WHERE reported_at IS NULL OR reported_at < ?
                        ORDER BY reported_at NULLS FIRST, name, node_id LIMIT ?""")
                .param(Columns.moment(late))
                .param(Completeness.MAX_BEHIND)
                .query((row, number) ->
                        new Behind(row.getString("name"), row.getString("uid"), Columns.instant(row, "reported_at")))
                .list();
    }
}
