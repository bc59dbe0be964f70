package io.multinic.ipam.store.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.QuarantineState.Waiting;
import io.multinic.ipam.recovery.DatabaseIncarnation;
import io.multinic.ipam.recovery.Lineage;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.NodeRecord;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of the database's identity, its quarantine, and the generation in which each node last reported.
@Repository
public class LineageStore {
    /// Cluster and timeline of the present WAL position. The timeline of the last checkpoint would change only some
    /// time after a promotion. Every database role may call these functions.
    private static final String IDENTITY = """
            (SELECT system_identifier, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline
             FROM pg_control_system()) now""";

    private static final String UNREPORTED = "node.retired_at IS NULL AND node.spoke_in < lineage.generation";

    private final JdbcClient jdbc;
    private final PlanNotifications notifications;

    LineageStore(JdbcClient jdbc, PlanNotifications notifications) {
        this.jdbc = jdbc;
        this.notifications = notifications;
    }

    public Lineage read() {
        return jdbc.sql("""
                        SELECT horizon.history, now.system_identifier, now.timeline, generation, forebears, since, ended,
                               reason, (lineage.system_identifier, lineage.timeline)
                                       = (now.system_identifier, now.timeline) AS as_last_seen
                        FROM lineage, plan_change_horizon horizon,\s""" + IDENTITY)
                .query((row, number) -> new Lineage(
                        new DatabaseIncarnation(
                                row.getString("history"),
                                row.getString("system_identifier"),
                                row.getString("timeline"),
                                row.getInt("generation")),
                        row.getBoolean("as_last_seen"),
                        Arrays.asList((String[]) row.getArray("forebears").getArray()),
                        Columns.instant(row, "since"),
                        Columns.instant(row, "ended"),
                        row.getString("reason")))
                .single();
    }

    /// Begins a quarantine if cluster or timeline differ from those of the last change.
    void quarantineIfDatabaseChanged() {
        int changed = jdbc.sql("""
                        UPDATE lineage
                        SET system_identifier = now.system_identifier, timeline = now.timeline,
                            generation = generation + 1, since = clock_timestamp(), ended = NULL,
                            reason = 'the database was on timeline ' || lineage.timeline || ' of cluster '
                                     || lineage.system_identifier || ', it is on timeline ' || now.timeline
                                     || ' of cluster ' || now.system_identifier
                        FROM\s""" + IDENTITY + """

                        WHERE (lineage.system_identifier, lineage.timeline)
                              <> (now.system_identifier, now.timeline)""").update();
        if (changed > 0) {
            notifications.send("");
        }
    }

    /// Begins a quarantine, or adds the forebear to the present one.
    public void begin(PlanLock lock, String reason, @Nullable String predecessor) {
        jdbc.sql("""
                        UPDATE lineage
                        SET forebears = CASE WHEN ?::text IS NULL THEN forebears ELSE array_append(forebears, ?) END,
                            generation = CASE WHEN lasts THEN generation ELSE generation + 1 END,
                            reason = CASE WHEN lasts THEN reason ELSE ? END,
                            since = CASE WHEN lasts THEN since ELSE clock_timestamp() END,
                            ended = NULL
                        FROM (SELECT since IS NOT NULL AND ended IS NULL AS lasts FROM lineage) state""").param(predecessor).param(predecessor).param(reason).update();
        notifications.send("");
    }

    public void end(PlanLock lock) {
        jdbc.sql("UPDATE lineage SET ended = greatest(since, clock_timestamp())")
                .update();
    }

    /// Returns true if the quarantine has lasted this long.
    public boolean hasLasted(Duration atLeast) {
        return jdbc.sql("SELECT clock_timestamp() >= since + make_interval(secs => ?) FROM lineage")
                .param(atLeast.toMillis() / 1000.0)
                .query(Boolean.class)
                .single();
    }

    /// Records that the node has reported its blocks and allocations. Does not need the plan lock.
    public void markReported(NodeRecord node) {
        jdbc.sql("""
                        UPDATE node SET spoke_in = lineage.generation FROM lineage
                        WHERE node.id = ? AND spoke_in < lineage.generation""").param(node.id()).update();
    }

    /// Generation in which the node last reported.
    public int reportedIn(NodeRecord node) {
        return jdbc.sql("SELECT spoke_in FROM node WHERE id = ?")
                .param(node.id())
                .query(Integer.class)
                .single();
    }

    /// UIDs of the nodes that have reported in this generation.
    public Set<String> reportedNodes() {
        return new HashSet<>(jdbc.sql("SELECT uid FROM node, lineage WHERE spoke_in = generation")
                .query(String.class)
                .list());
    }

    /// Number of nodes that have not reported in this generation.
    public long waiting() {
        return jdbc.sql("SELECT count(*) FROM node, lineage WHERE " + UNREPORTED)
                .query(Long.class)
                .single();
    }

    /// Nodes that have not reported in this generation, by name, at most `limit`.
    public List<Waiting> waitingFor(int limit) {
        return jdbc.sql("SELECT node.name, node.uid FROM node, lineage WHERE " + UNREPORTED
                        + " ORDER BY node.name, node.id LIMIT ?")
                .param(limit)
                .query((row, number) -> new Waiting(row.getString("name"), row.getString("uid")))
                .list();
    }

    /// Name of a node that has one of these blocks, or any block of the network if `blocks` is null.
    public Optional<String> ownerOf(NetworkRecord network, @Nullable Collection<Cidr> blocks) {
        return jdbc.sql("""
                        SELECT node.name
                        FROM block
                        JOIN host_index host ON host.id = block.host_index_id
                        JOIN node ON node.id = host.node_id
                        WHERE block.network_id = ? AND (?::cidr[] IS NULL OR block.cidr = ANY (?::cidr[]))
                        LIMIT 1""")
                .param(network.id())
                .param(blocks == null ? null : Columns.texts(blocks, block -> block))
                .param(blocks == null ? null : Columns.texts(blocks, block -> block))
                .query(String.class)
                .optional();
    }

    /// Names of the networks in which another node that has reported has a block.
    public Set<String> networksOfOtherReportedNodes(String nodeUid) {
        return new HashSet<>(jdbc.sql("""
                        SELECT name FROM network
                        WHERE definition IS NOT NULL
                          AND EXISTS (SELECT FROM interface_index interface
                                      JOIN host_index host ON host.interface_index_id = interface.id
                                      JOIN node ON node.id = host.node_id, lineage
                                      WHERE interface.network_id = network.id AND node.uid <> ?
                                        AND node.spoke_in = lineage.generation)""").param(nodeUid).query(String.class).list());
    }

    /// Highest revision that may have been allocated.
    public long lastRevision() {
        return jdbc.sql("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM plan_revision")
                .query(Long.class)
                .single();
    }
}
