package io.multinic.ipam.store.plan;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NetworkState.InterfaceUse;
import io.multinic.contract.wire.NetworkState.Unplaced;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import io.multinic.contract.wire.ReservedRange;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.NodeRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of the stored plan in its wire format.
@Repository
public class PlanQueries {
    /// Revision of a node's plan: the latest change of its own blocks, of any network's definition, or of any host
    /// in an interface in which the node has a block.
    static final String REVISION = """
            greatest(node.revision,
                     (SELECT max(network.revision) FROM network),
                     (SELECT max(interface.revision) FROM interface_index interface
                      JOIN host_index host ON host.interface_index_id = interface.id
                      WHERE host.node_id = node.id))""";

    /// Reserved ranges of a block, each as `first last heldFor`; `heldFor` may be missing.
    private static final String RESERVED = """
            ARRAY(SELECT concat_ws(' ', host(greatest(reservation.first, lower(addresses_of(block.cidr)))),
                                   host(least(reservation.last, upper(addresses_of(block.cidr)))), reservation.held_for)
                  FROM reservation
                  WHERE reservation.network_id = block.network_id
                    AND inet_range(reservation.first, reservation.last, '[]') && addresses_of(block.cidr)
                  ORDER BY reservation.first) AS reserved
            """;

    private final JdbcClient jdbc;

    PlanQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// State of these networks, each with at most `maxUnplaced` NICs without a block.
    public List<NetworkState> states(List<NetworkRecord> networks, int maxUnplaced) {
        int[] ids = networks.stream().mapToInt(NetworkRecord::id).toArray();
        Map<Integer, List<InterfaceUse>> interfaces = interfaces(ids);
        Map<Integer, List<Unplaced>> unplaced = unplaced(ids, maxUnplaced);
        return networks.stream()
                .map(network -> new NetworkState(
                        Objects.requireNonNull(network.definition()),
                        Objects.requireNonNull(network.number()),
                        network.revision(),
                        interfaces.getOrDefault(network.id(), List.of()),
                        unplaced.getOrDefault(network.id(), List.of())))
                .toList();
    }

    private Map<Integer, List<InterfaceUse>> interfaces(int[] networkIds) {
        Map<Integer, List<InterfaceUse>> interfaces = new HashMap<>();
        jdbc.sql("""
                        SELECT interface.network_id, interface.index, interface.master_net,
                               interface.blocks::text[] AS blocks, interface.revision,
                               count(DISTINCT node.id) FILTER (WHERE host.present AND node.current) AS hosts
                        FROM interface_index interface
                        LEFT JOIN host_index host ON host.interface_index_id = interface.id
                        LEFT JOIN node ON node.id = host.node_id
                        WHERE interface.network_id = ANY (?)
                        GROUP BY interface.id ORDER BY interface.index""").param(networkIds).query(row -> {
            interfaces
                    .computeIfAbsent(row.getInt("network_id"), id -> new ArrayList<>())
                    .add(new InterfaceUse(
                            row.getInt("index"),
                            Columns.cidr(row, "master_net"),
                            Columns.cidrs(row, "blocks"),
                            row.getInt("hosts"),
                            row.getLong("revision")));
        });
        return interfaces;
    }

    /// Unplaced NICs by network, by node name, at most `limit` of each network.
    private Map<Integer, List<Unplaced>> unplaced(int[] networkIds, int limit) {
        Map<Integer, List<Unplaced>> unplaced = sharedAddresses(networkIds);
        jdbc.sql("""
                        SELECT network_id, node, nic, reason
                        FROM (SELECT unplaced.network_id, node.name AS node, unplaced.nic, unplaced.reason,
                                     row_number() OVER (PARTITION BY unplaced.network_id
                                                        ORDER BY node.name, unplaced.nic, unplaced.reason) AS place
                              FROM unplaced JOIN node ON node.id = unplaced.node_id
                              WHERE unplaced.network_id = ANY (?) AND node.current) ranked
                        WHERE place <= ? ORDER BY network_id, place""").param(networkIds).param(limit).query(row -> {
            unplaced.computeIfAbsent(row.getInt("network_id"), id -> new ArrayList<>())
                    .add(new Unplaced(row.getString("node"), row.getString("nic"), row.getString("reason")));
        });
        unplaced.replaceAll((id, list) -> list.size() <= limit ? list : list.subList(0, limit));
        return unplaced;
    }

    /// NICs whose address a pod holds, because the pod was there first. Computed at each query: it ends with the
    /// pod, without a change of the plan.
    private Map<Integer, List<Unplaced>> sharedAddresses(int[] networkIds) {
        Map<Integer, List<Unplaced>> shared = new HashMap<>();
        jdbc.sql("""
                        SELECT network.id, node.name AS node, own.nic, host(own.address) AS address,
                               allocation.pod_namespace, allocation.pod_name, holder.name AS holder
                        FROM network
                        JOIN network_subnet subnet ON subnet.network_id = network.id
                        JOIN host_address own ON own.address BETWEEN subnet.subnet AND set_masklen(
                                 broadcast(subnet.subnet), CASE family(subnet.subnet) WHEN 4 THEN 32 ELSE 128 END)
                        JOIN node ON node.id = own.node_id AND node.current
                        JOIN allocation ON allocation.address = own.address AND allocation.network_id = network.id
                                       AND upper_inf(allocation.held)
                        JOIN node holder ON holder.id = allocation.node_id
                        WHERE network.id = ANY (?) AND jsonb_array_length(network.definition -> 'subnets') = 0
                        ORDER BY node.name, own.nic, own.address""").param(networkIds).query(row -> {
            shared.computeIfAbsent(row.getInt("id"), id -> new ArrayList<>())
                    .add(new Unplaced(
                            row.getString("node"),
                            row.getString("nic"),
                            "the NIC's own address " + row.getString("address") + " is held by pod "
                                    + row.getString("pod_namespace") + "/" + row.getString("pod_name") + " on node "
                                    + row.getString("holder")
                                    + ", too; delete the pod, or give the NIC another address"));
        });
        return shared;
    }

    /// Blocks above the address `after`, in the order of their addresses.
    public List<NodeBlock> blocks(NetworkRecord network, String after, int limit) {
        return jdbc.sql("""
                        SELECT node.name AS node, node.uid, host.nic, interface.master_net,
                               interface.index AS interface_index, host.index AS host_index,
                               block.interface_block, block.cidr, block.excluded::text[] AS excluded,
                        """ + RESERVED + """
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

    public long revision(NodeRecord node) {
        return jdbc.sql("SELECT " + REVISION + " FROM node WHERE node.id = ?")
                .param(node.id())
                .query(Long.class)
                .single();
    }

    /// Whole plan of the node. Needs a transaction with one snapshot, so that blocks and revision agree.
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

    /// Blocks from which current nodes assign addresses, by node name and network id.
    Map<String, Map<Integer, List<NicBlock>>> ownBlocks(Collection<String> nodeNames) {
        Map<String, Map<Integer, List<NicBlock>>> blocks = new HashMap<>();
        jdbc.sql("""
                        SELECT node.name, interface.network_id, host.nic, interface.master_net,
                               interface.index AS interface_index, host.index AS host_index,
                               block.interface_block, block.cidr, block.excluded::text[] AS excluded,
                        """ + RESERVED + """
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
                        SELECT network_id, index, name, cidr, via, excluded FROM (
                            SELECT interface.network_id, interface.index, peer.name, block.cidr,
                                   block.excluded::text[] AS excluded,
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
                            Columns.address(row, "via"),
                            Columns.cidrs(row, "excluded")));
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
                Columns.cidrs(row, "excluded"),
                reserved(row));
    }

    private static List<ReservedRange> reserved(ResultSet row) throws SQLException {
        return Arrays.stream((String[]) row.getArray("reserved").getArray())
                .map(text -> text.split(" ", 3))
                .map(parts -> new ReservedRange(
                        IpAddress.parse(parts[0]), IpAddress.parse(parts[1]), parts.length == 3 ? parts[2] : null))
                .toList();
    }
}
