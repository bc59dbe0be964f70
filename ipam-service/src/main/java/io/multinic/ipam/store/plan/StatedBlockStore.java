package io.multinic.ipam.store.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.QuarantineState.Unsettled;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.store.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of unsettled blocks: blocks that nodes have stated and that the plan does not assign to them.
@Repository
public class StatedBlockStore {
    private static final String ROW = """
            SELECT stated.node, stated.node_uid, stated.network, stated.number, stated.nic, stated.master_net,
                   stated.interface_index, stated.host_index, stated.interface_block, stated.pod_block, stated.reason,
                   stated.stated_at
            FROM stated_block stated\s""";

    private final JdbcClient jdbc;

    StatedBlockStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Replaces the blocks that the node has stated for the network.
    public void keep(
            PlanLock lock, String nodeUid, String node, String network, Collection<StatedBlock> blocks, Instant at) {
        jdbc.sql("DELETE FROM stated_block WHERE node_uid = ? AND network = ?")
                .param(nodeUid)
                .param(network)
                .update();
        jdbc.sql("""
                        INSERT INTO stated_block (node_uid, node, network, number, nic, master_net, interface_index,
                                                  host_index, interface_block, pod_block, reason, stated_at)
                        SELECT DISTINCT ON (pod_block) ?, ?, ?, number, nic, master_net, interface_index, host_index,
                               interface_block, pod_block, 'the node or the network is not known', ?::timestamptz
                        FROM unnest(?::integer[], ?::text[], ?::cidr[], ?::integer[], ?::integer[], ?::cidr[], ?::cidr[])
                             AS added (number, nic, master_net, interface_index, host_index, interface_block, pod_block)""")
                .param(nodeUid)
                .param(node)
                .param(network)
                .param(at.toString())
                .param(Columns.texts(blocks, StatedBlock::number))
                .param(Columns.texts(blocks, StatedBlock::nic))
                .param(Columns.texts(blocks, StatedBlock::masterNet))
                .param(Columns.texts(blocks, StatedBlock::interfaceIndex))
                .param(Columns.texts(blocks, StatedBlock::hostIndex))
                .param(Columns.texts(blocks, StatedBlock::interfaceBlock))
                .param(Columns.texts(blocks, StatedBlock::podBlock))
                .update();
    }

    /// Unsettled blocks of the network, of known nodes.
    public List<Unsettled> ofKnownNodes(String network) {
        return jdbc.sql(ROW + """
                        JOIN node ON node.uid = stated.node_uid AND node.retired_at IS NULL
                        WHERE stated.network = ? ORDER BY stated.stated_at, stated.node_uid, stated.pod_block""")
                .param(network)
                .query((row, number) -> unsettled(row))
                .list();
    }

    /// At most `limit` unsettled blocks, by node.
    public List<Unsettled> all(int limit) {
        return jdbc.sql(ROW + "ORDER BY stated.node, stated.node_uid, stated.network, stated.pod_block LIMIT ?")
                .param(limit)
                .query((row, number) -> unsettled(row))
                .list();
    }

    public long count() {
        return jdbc.sql("SELECT count(*) FROM stated_block").query(Long.class).single();
    }

    /// All stated blocks; they must not be assigned to other nodes.
    public List<Cidr> podBlocks() {
        return jdbc.sql("SELECT DISTINCT pod_block FROM stated_block")
                .query((row, number) -> Columns.cidr(row, "pod_block"))
                .list();
    }

    /// Number of the network that most nodes have stated.
    public Optional<Integer> numberOf(String network) {
        return jdbc.sql("""
                        SELECT number FROM stated_block WHERE network = ?
                        GROUP BY number ORDER BY count(*) DESC, number LIMIT 1""").param(network).query(Integer.class).optional();
    }

    /// Numbers that were stated for other networks.
    public Set<Integer> numbersOfOthers(String network) {
        return Set.copyOf(jdbc.sql("SELECT DISTINCT number FROM stated_block WHERE network <> ?")
                .param(network)
                .query(Integer.class)
                .list());
    }

    /// Deletes blocks that the plan assigns to their nodes now.
    public void settle(PlanLock lock, Collection<Unsettled> settled) {
        jdbc.sql("""
                        DELETE FROM stated_block USING unnest(?::text[], ?::text[], ?::cidr[])
                                    AS settled (node_uid, network, pod_block)
                        WHERE stated_block.node_uid = settled.node_uid AND stated_block.network = settled.network
                          AND stated_block.pod_block = settled.pod_block""")
                .param(Columns.texts(settled, Unsettled::nodeUid))
                .param(Columns.texts(settled, one -> one.block().network()))
                .param(Columns.texts(settled, one -> one.block().podBlock()))
                .update();
    }

    /// Stores the reason why blocks are unsettled.
    public void explain(PlanLock lock, Collection<Unsettled> unsettled) {
        jdbc.sql("""
                        UPDATE stated_block SET reason = why.reason
                        FROM unnest(?::text[], ?::text[], ?::cidr[], ?::text[])
                             AS why (node_uid, network, pod_block, reason)
                        WHERE stated_block.node_uid = why.node_uid AND stated_block.network = why.network
                          AND stated_block.pod_block = why.pod_block""")
                .param(Columns.texts(unsettled, Unsettled::nodeUid))
                .param(Columns.texts(unsettled, one -> one.block().network()))
                .param(Columns.texts(unsettled, one -> one.block().podBlock()))
                .param(Columns.texts(unsettled, Unsettled::reason))
                .update();
    }

    /// Deletes the blocks of a retired node, whether it was ever known or not.
    public void forget(PlanLock lock, String node, String uid) {
        jdbc.sql("DELETE FROM stated_block WHERE node = ? AND node_uid = ?")
                .param(node)
                .param(uid)
                .update();
    }

    public void forgetAll(PlanLock lock) {
        jdbc.sql("DELETE FROM stated_block").update();
    }

    private static Unsettled unsettled(ResultSet row) throws SQLException {
        return new Unsettled(
                row.getString("node"),
                row.getString("node_uid"),
                new StatedBlock(
                        row.getString("network"),
                        row.getInt("number"),
                        row.getString("nic"),
                        Columns.cidr(row, "master_net"),
                        row.getInt("interface_index"),
                        row.getInt("host_index"),
                        Columns.cidr(row, "interface_block"),
                        Columns.cidr(row, "pod_block")),
                row.getString("reason"),
                Objects.requireNonNull(Columns.instant(row, "stated_at")));
    }
}
