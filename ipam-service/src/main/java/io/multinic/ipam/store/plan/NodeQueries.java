package io.multinic.ipam.store.plan;

import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeState;
import io.multinic.ipam.store.Columns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of nodes in their wire format: two statements for any number of nodes.
@Repository
public class NodeQueries {
    private static final String NODE = "SELECT node.name, node.uid, " + PlanQueries.REVISION + """
             AS plan_revision, coalesce(session.epoch, 0) AS epoch,
                   (SELECT count(*) FROM allocation WHERE node_id = node.id AND upper_inf(held)) AS open_addresses
            FROM node LEFT JOIN session ON session.node_id = node.id
            WHERE\s""";

    private final JdbcClient jdbc;

    NodeQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Current nodes, by name.
    public List<NodeState> current() {
        return states("node.current", Map.of());
    }

    /// Current and superseded nodes, by name.
    public List<NodeState> unretired() {
        return states("node.retired_at IS NULL", Map.of());
    }

    public Optional<NodeState> current(String name) {
        return states("node.current AND node.name = :name", Map.of("name", name)).stream()
                .findFirst();
    }

    private List<NodeState> states(String which, Map<String, String> parameters) {
        Map<String, List<Nic>> nics = new HashMap<>();
        jdbc.sql("SELECT node.uid, nic.name, nic.addresses::text[] AS addresses FROM nic"
                        + " JOIN node ON node.id = nic.node_id WHERE " + which + " ORDER BY nic.node_id, nic.position")
                .params(parameters)
                .query(row -> {
                    nics.computeIfAbsent(row.getString("uid"), uid -> new ArrayList<>())
                            .add(Columns.nic(row));
                });
        return jdbc.sql(NODE + which + " ORDER BY node.name, node.id")
                .params(parameters)
                .query((row, number) -> new NodeState(
                        row.getString("name"),
                        row.getString("uid"),
                        row.getLong("plan_revision"),
                        row.getLong("epoch"),
                        row.getLong("open_addresses"),
                        nics.getOrDefault(row.getString("uid"), List.of())))
                .list();
    }
}
