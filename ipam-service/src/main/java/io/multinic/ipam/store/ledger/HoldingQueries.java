package io.multinic.ipam.store.ledger;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.ipam.ledger.AddressKey;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.NodeRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of open intervals and open claims.
@Repository
public class HoldingQueries {
    private final JdbcClient jdbc;

    HoldingQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public long openAddresses(NodeRecord node) {
        return jdbc.sql("SELECT count(*) FROM allocation WHERE node_id = ? AND upper_inf(held)")
                .param(node.id())
                .query(Long.class)
                .single();
    }

    /// Number of held addresses of the network, by node name.
    public Map<String, Long> openByNode(NetworkRecord network) {
        Map<String, Long> open = new TreeMap<>();
        var openByNode = """
                SELECT node.name, count(*) AS open FROM allocation
                JOIN node ON node.id = allocation.node_id
                WHERE upper_inf(allocation.held) AND allocation.network_id = ? GROUP BY node.name""";
        jdbc.sql(openByNode).param(network.id()).query(row -> {
            open.put(row.getString("name"), row.getLong("open"));
        });
        return open;
    }

    /// One held address of the network in one of the blocks, if there is any.
    public Optional<HeldAddress> heldIn(NetworkRecord network, Collection<Cidr> blocks) {
        return jdbc.sql("""
                        SELECT node.name, allocation.address, requested.block
                        FROM unnest(?::cidr[]) AS requested (block)
                        JOIN allocation ON allocation.address <<= requested.block AND allocation.network_id = ?
                        JOIN node ON node.id = allocation.node_id
                        WHERE upper_inf(allocation.held) LIMIT 1""")
                .param(Columns.texts(blocks, block -> block))
                .param(network.id())
                .query((row, number) ->
                        new HeldAddress(row.getString("name"), row.getString("address"), Columns.cidr(row, "block")))
                .optional();
    }

    /// Held addresses of the network in these blocks.
    public List<Cidr> heldIn(String network, Collection<Cidr> blocks) {
        if (blocks.isEmpty()) {
            return List.of();
        }
        return jdbc.sql("""
                        SELECT DISTINCT allocation.address::cidr AS address
                        FROM unnest(?::cidr[]) AS requested (block)
                        JOIN allocation ON allocation.address <<= requested.block
                         AND allocation.network_id = (SELECT id FROM network WHERE name = ?)
                        WHERE upper_inf(allocation.held)""")
                .param(Columns.texts(blocks, block -> block))
                .param(network)
                .query((row, number) -> Columns.cidr(row, "address"))
                .list();
    }

    /// Address that a pod holds.
    public record HeldAddress(String node, String address, Cidr block) {}

    /// Open intervals of the node.
    public List<Allocation> open(NodeRecord node) {
        return jdbc.sql("SELECT network.name AS network, address, " + Columns.HOLDER + """
                         FROM allocation JOIN network ON network.id = network_id
                        WHERE node_id = ? AND upper_inf(held) ORDER BY allocation.id""")
                .param(node.id())
                .query((row, number) -> Columns.allocation(row))
                .list();
    }

    /// Open claims of the node to addresses that the ledger shows as held by others or as ended.
    public List<Allocation> openClaims(NodeRecord node) {
        return jdbc.sql("SELECT network.name AS network, address, " + Columns.HOLDER + """
                         FROM conflict JOIN network ON network.id = network_id
                        WHERE node_id = ? AND resolved_at IS NULL ORDER BY conflict.id""")
                .param(node.id())
                .query((row, number) -> Columns.allocation(row))
                .list();
    }

    /// Holder of an address.
    public record Holder(long nodeId, AllocationInterval interval) {}

    public Optional<Holder> holder(String network, IpAddress address) {
        return jdbc.sql(
                        "SELECT node_id, node.name AS node, network.name AS network, lower(held) AS held_from, address, "
                                + Columns.HOLDER + """
                         FROM allocation
                        JOIN network ON network.id = allocation.network_id
                        JOIN node ON node.id = allocation.node_id
                        WHERE network.name = ? AND address = ?::inet AND upper_inf(held)""")
                .param(network)
                .param(address.toString())
                .query((row, number) -> new Holder(row.getLong("node_id"), interval(row)))
                .optional();
    }

    /// Holders of these addresses; an address without a holder is absent.
    Map<AddressKey, AllocationInterval> holders(Collection<Allocation> allocations) {
        Map<AddressKey, AllocationInterval> holders = new HashMap<>();
        jdbc.sql("""
                        SELECT DISTINCT ON (allocation.id) node.name AS node, network.name AS network,
                               allocation.address, nic, pod_namespace, pod_name, pod_uid, container_id, if_name,
                               pod_interface, lower(held) AS held_from
                        FROM unnest(?::text[], ?::inet[]) AS requested (network, address)
                        JOIN network ON network.name = requested.network
                        JOIN allocation ON allocation.address = requested.address
                         AND allocation.network_id = network.id AND upper_inf(held)
                        JOIN node ON node.id = allocation.node_id""")
                .param(Columns.texts(allocations, Allocation::network))
                .param(Columns.texts(allocations, Allocation::address))
                .query(row -> {
                    AllocationInterval held = interval(row);
                    holders.put(AddressKey.of(held.allocation()), held);
                });
        return holders;
    }

    /// Ids of open intervals of these addresses on other nodes that have not reported since the quarantine began.
    public Set<Long> heldByUnreportedNodes(NodeRecord node, Collection<Allocation> addresses) {
        return new HashSet<>(jdbc.sql("""
                        SELECT allocation.id
                        FROM unnest(?::text[], ?::inet[]) AS stated (network, address)
                        JOIN network ON network.name = stated.network
                        JOIN allocation ON allocation.address = stated.address
                         AND allocation.network_id = network.id AND upper_inf(held)
                        JOIN node ON node.id = allocation.node_id
                        JOIN lineage ON node.spoke_in < lineage.generation
                        WHERE node.id <> ?""")
                .param(Columns.texts(addresses, Allocation::network))
                .param(Columns.texts(addresses, Allocation::address))
                .param(node.id())
                .query(Long.class)
                .list());
    }

    private static AllocationInterval interval(ResultSet row) throws SQLException {
        return new AllocationInterval(
                row.getString("node"),
                Columns.allocation(row),
                Objects.requireNonNull(Columns.instant(row, "held_from")),
                null);
    }
}
