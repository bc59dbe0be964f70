package io.multinic.ipam.store.plan;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Nic;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NodeRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of the hosts' own addresses, which pods cannot have in host-subnet mode.
@Repository
public class HostAddressStore {
    private final JdbcClient jdbc;

    HostAddressStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Row(String nic, IpAddress address) {
        static Row of(ResultSet row) throws SQLException {
            return new Row(row.getString("nic"), Columns.address(row, "address"));
        }
    }

    /// Replaces the addresses of the node's present NICs. Those of absent NICs stay: such a NIC is down, and has
    /// its addresses again when it returns.
    ///
    /// @return addresses that the node has gained or lost
    Set<IpAddress> replace(PlanLock lock, NodeRecord node, List<Nic> nics) {
        Set<Row> stored = stored(node);
        Set<String> present = nics.stream().map(Nic::name).collect(Collectors.toSet());
        var wanted = new HashSet<Row>();
        stored.stream().filter(row -> !present.contains(row.nic())).forEach(wanted::add);
        for (Nic nic : nics) {
            for (PrefixedAddress address : nic.addresses()) {
                wanted.add(new Row(nic.name(), address.address()));
            }
        }
        delete(node, without(stored, wanted));
        insert(node, without(wanted, stored));
        return changed(stored, wanted);
    }

    /// @return addresses that the node has lost
    Set<IpAddress> remove(PlanLock lock, NodeRecord node) {
        Set<Row> stored = stored(node);
        delete(node, stored);
        return changed(stored, Set.of());
    }

    private Set<Row> stored(NodeRecord node) {
        return new HashSet<>(jdbc.sql("SELECT nic, address FROM host_address WHERE node_id = ?")
                .param(node.id())
                .query((row, number) -> Row.of(row))
                .list());
    }

    private static <T> Set<T> without(Set<T> some, Set<T> others) {
        var left = new HashSet<>(some);
        left.removeAll(others);
        return left;
    }

    private static Set<IpAddress> changed(Set<Row> before, Set<Row> after) {
        Set<IpAddress> had = before.stream().map(Row::address).collect(Collectors.toSet());
        Set<IpAddress> has = after.stream().map(Row::address).collect(Collectors.toSet());
        Set<IpAddress> changed = without(had, has);
        changed.addAll(without(has, had));
        return changed;
    }

    private void delete(NodeRecord node, Set<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        DELETE FROM host_address USING unnest(?::text[], ?::inet[]) AS gone (nic, address)
                        WHERE node_id = ? AND host_address.nic = gone.nic AND host_address.address = gone.address""")
                .param(Columns.texts(rows, Row::nic))
                .param(Columns.texts(rows, Row::address))
                .param(node.id())
                .update();
    }

    private void insert(NodeRecord node, Set<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        INSERT INTO host_address (node_id, nic, address)
                        SELECT ?, nic, address FROM unnest(?::text[], ?::inet[]) AS added (nic, address)""")
                .param(node.id())
                .param(Columns.texts(rows, Row::nic))
                .param(Columns.texts(rows, Row::address))
                .update();
    }

    /// All hosts' addresses in these networks, as the fewest blocks.
    public List<Cidr> within(Collection<Cidr> networks) {
        // Address minus rank is constant in a run of neighbours; hosts are numbered densely, so there are few
        // runs.
        var blocks = new ArrayList<Cidr>();
        jdbc.sql("""
                        SELECT min(address) AS first, max(address) AS last
                        FROM (SELECT network, address,
                                     address - (dense_rank() OVER (PARTITION BY network ORDER BY address) - 1) AS run
                              FROM unnest(?::cidr[], ?::inet[]) AS requested (network, last)
                              JOIN host_address ON address BETWEEN network AND last) hosts
                        GROUP BY network, run""")
                .param(Columns.texts(networks, network -> network))
                .param(Columns.texts(networks, Cidr::last))
                .query(row -> {
                    blocks.addAll(
                            new AddressRange(Columns.address(row, "first"), Columns.address(row, "last")).blocks());
                });
        return blocks;
    }

    /// UIDs of the nodes with a block of the network that contains one of these addresses.
    public Set<String> ownersOf(int networkId, Collection<IpAddress> addresses) {
        return new HashSet<>(jdbc.sql("""
                        SELECT DISTINCT node.uid
                        FROM unnest(?::inet[]) AS requested (address)
                        JOIN block ON block.network_id = ? AND block.cidr >>= requested.address
                        JOIN host_index host ON host.id = block.host_index_id
                        JOIN node ON node.id = host.node_id""")
                .param(Columns.texts(addresses, address -> address))
                .param(networkId)
                .query(String.class)
                .list());
    }
}
