package io.multinic.ipam.store;

import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NetworkState.InterfaceUse;
import io.multinic.contract.wire.NetworkState.Unplaced;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Reads the stored plan as it goes over the wire.
@Repository
public class PlanQueries {
    /// The last change that concerns a node: of its own blocks, of any network's definition, or of any host in an
    /// interface in which the node has a block.
    static final String REVISION = """
            greatest(node.revision,
                     (SELECT max(network.revision) FROM network),
                     (SELECT max(interface.revision) FROM interface_index interface
                      JOIN host_index host ON host.interface_index_id = interface.id
                      WHERE host.node_id = node.id))""";

    private final JdbcClient jdbc;

    PlanQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public List<InterfaceUse> interfaces(NetworkRecord network) {
        return jdbc.sql("""
                        SELECT interface.index, interface.master_net, interface.blocks::text[] AS blocks,
                               interface.revision,
                               count(DISTINCT node.id) FILTER (WHERE host.present AND node.current) AS hosts
                        FROM interface_index interface
                        LEFT JOIN host_index host ON host.interface_index_id = interface.id
                        LEFT JOIN node ON node.id = host.node_id
                        WHERE interface.network_id = ?
                        GROUP BY interface.id ORDER BY interface.index""")
                .param(network.id())
                .query((row, number) -> new InterfaceUse(
                        row.getInt("index"),
                        Columns.cidr(row, "master_net"),
                        Columns.cidrs(row, "blocks"),
                        row.getInt("hosts"),
                        row.getLong("revision")))
                .list();
    }

    /// At most `limit` of them, by node.
    public List<Unplaced> unplaced(NetworkRecord network, int limit) {
        return jdbc.sql("""
                        SELECT node.name AS node, unplaced.nic, unplaced.reason
                        FROM unplaced JOIN node ON node.id = unplaced.node_id
                        WHERE unplaced.network_id = ? AND node.current
                        ORDER BY node.name, unplaced.nic, unplaced.reason LIMIT ?""")
                .param(network.id())
                .param(limit)
                .query((row, number) ->
                        new Unplaced(row.getString("node"), row.getString("nic"), row.getString("reason")))
                .list();
    }

    /// The blocks above the address `after`, in the order of their addresses.
    public List<NodeBlock> blocks(NetworkRecord network, String after, int limit) {
        return jdbc.sql("""
                        SELECT node.name AS node, node.uid, host.nic, interface.master_net,
                               interface.index AS interface_index, host.index AS host_index,
                               block.interface_block, block.cidr, block.excluded::text[] AS excluded
                        FROM block
                        JOIN host_index host ON host.id = block.host_index_id
                        JOIN interface_index interface ON interface.id = host.interface_index_id
                        JOIN node ON node.id = host.node_id
                        WHERE block.network_id = ? AND (? = '' OR block.cidr > nullif(?, '')::cidr)
                        ORDER BY block.cidr LIMIT ?""")
                .param(network.id())
                .param(after)
                .param(after)
                .param(limit)
                .query((row, number) -> new NodeBlock(row.getString("node"), row.getString("uid"), nicBlock(row)))
                .list();
    }

    /// Of those that exist, by name. One query for any number of waiting polls.
    public Map<String, Long> revisions(Collection<String> nodeNames) {
        Map<String, Long> revisions = new HashMap<>();
        jdbc.sql("SELECT node.name, " + REVISION + " AS revision FROM node WHERE node.current AND node.name = ANY (?)")
                .param(nodeNames.toArray(String[]::new))
                .query(row -> {
                    revisions.put(row.getString("name"), row.getLong("revision"));
                });
        return revisions;
    }

    public long revision(NodeRecord node) {
        return jdbc.sql("SELECT " + REVISION + " FROM node WHERE node.id = ?")
                .param(node.id())
                .query(Long.class)
                .single();
    }

    /// The full plan. Needs a transaction with one snapshot, or blocks and revision could differ.
    public NodePlan plan(NodeRecord node) {
        Map<Integer, List<NicBlock>> blocks = ownBlocks(List.of(node.name())).getOrDefault(node.name(), Map.of());
        Map<Integer, List<PeerBlock>> peers = peers(node);
        var networks = new ArrayList<NetworkPlan>();
        jdbc.sql("SELECT id, number, definition::text FROM network WHERE definition IS NOT NULL ORDER BY number")
                .query(row -> {
                    int id = row.getInt("id");
                    networks.add(new NetworkPlan(
                            DefinitionConverter.parse(row.getString("definition")),
                            row.getInt("number"),
                            blocks.getOrDefault(id, List.of()),
                            peers.getOrDefault(id, List.of())));
                });
        return new NodePlan(node.name(), node.uid(), revision(node), networks);
    }

    /// The blocks that current nodes hand addresses out of, by node and network.
    Map<String, Map<Integer, List<NicBlock>>> ownBlocks(Collection<String> nodeNames) {
        Map<String, Map<Integer, List<NicBlock>>> blocks = new HashMap<>();
        jdbc.sql("""
                        SELECT node.name, interface.network_id, host.nic, interface.master_net,
                               interface.index AS interface_index, host.index AS host_index,
                               block.interface_block, block.cidr, block.excluded::text[] AS excluded
                        FROM node
                        JOIN host_index host ON host.node_id = node.id
                        JOIN interface_index interface ON interface.id = host.interface_index_id
                        JOIN block ON block.host_index_id = host.id
                        WHERE node.current AND node.name = ANY (?) AND host.present
                        ORDER BY interface.index, host.index, block.cidr""").param(nodeNames.toArray(String[]::new)).query(row -> {
            blocks.computeIfAbsent(row.getString("name"), name -> new HashMap<>())
                    .computeIfAbsent(row.getInt("network_id"), id -> new ArrayList<>())
                    .add(nicBlock(row));
        });
        return blocks;
    }

    private Map<Integer, List<PeerBlock>> peers(NodeRecord node) {
        Map<Integer, List<PeerBlock>> peers = new HashMap<>();
        jdbc.sql("""
                        SELECT network_id, index, name, cidr, via FROM (
                            SELECT interface.network_id, interface.index, peer.name, block.cidr,
                                   CASE family(block.cidr) WHEN 4 THEN host.via_ipv4 ELSE host.via_ipv6 END AS via
                            FROM interface_index interface
                            JOIN host_index host ON host.interface_index_id = interface.id
                            JOIN node peer ON peer.id = host.node_id
                            JOIN block ON block.host_index_id = host.id
                            WHERE interface.id IN (SELECT interface_index_id FROM host_index
                                                   WHERE node_id = :node AND present)
                              AND host.node_id <> :node AND host.present AND peer.current) reachable
                        WHERE via IS NOT NULL ORDER BY cidr""").param("node", node.id()).query(row -> {
            peers.computeIfAbsent(row.getInt("network_id"), id -> new ArrayList<>())
                    .add(new PeerBlock(
                            row.getString("name"),
                            row.getInt("index"),
                            Columns.cidr(row, "cidr"),
                            Columns.address(row, "via")));
        });
        return peers;
    }

    private static NicBlock nicBlock(ResultSet row) throws SQLException {
        return new NicBlock(
                row.getString("nic"),
                Columns.cidr(row, "master_net"),
                row.getInt("interface_index"),
                row.getInt("host_index"),
                Columns.cidr(row, "interface_block"),
                Columns.cidr(row, "cidr"),
                Columns.cidrs(row, "excluded"));
    }
}
