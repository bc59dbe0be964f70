package io.multinic.ipam.store.usage;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.wire.AddressUse;
import io.multinic.contract.wire.NetworkUsage;
import io.multinic.contract.wire.NetworkUsage.HostUsage;
import io.multinic.contract.wire.NetworkUsage.InterfaceUsage;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NetworkRecord;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Queries of address usage: a constant number of statements for any number of nodes.
@Repository
public class UsageQueries {
    /// Blocks of the network with the number of their held addresses.
    private static final String USED = """
            WITH held AS (
                SELECT block.host_index_id, block.cidr, count(*) AS held
                FROM allocation
                JOIN host_index host ON host.node_id = allocation.node_id AND host.nic = allocation.nic
                JOIN block ON block.host_index_id = host.id AND block.network_id = allocation.network_id
                          AND allocation.address <<= block.cidr
                WHERE allocation.network_id = :network AND upper_inf(allocation.held)
                GROUP BY block.host_index_id, block.cidr),
            used AS (
                SELECT host.interface_index_id, host.node_id, family(block.cidr) AS family, block.capacity,
                       coalesce(held.held, 0) AS held
                FROM interface_index interface
                JOIN host_index host ON host.interface_index_id = interface.id
                JOIN block ON block.host_index_id = host.id
                LEFT JOIN held ON held.host_index_id = block.host_index_id AND held.cidr = block.cidr
                WHERE interface.network_id = :network)
            """;

    private final JdbcClient jdbc;
    private final ReservedQueries reservations;

    UsageQueries(JdbcClient jdbc, ReservedQueries reservations) {
        this.jdbc = jdbc;
        this.reservations = reservations;
    }

    /// @param after position of the last host of the previous page; null for the first page
    public NetworkUsage usage(NetworkRecord network, int limit, @Nullable UsageCursor after) {
        ReservedQueries.Reserved reserved = reservations.find(network);
        Map<Integer, InterfaceUsage> interfaces = interfaces(network, reserved);
        Map<IpFamily, AddressUse> total = new EnumMap<>(IpFamily.class);
        interfaces.values().stream()
                .flatMap(in -> in.addresses().stream())
                .forEach(use -> total.merge(use.family(), use, UsageQueries::sum));
        return new NetworkUsage(
                network.name(),
                hosts(network),
                List.copyOf(total.values()),
                List.copyOf(interfaces.values()),
                byHost(network, reserved, limit, after));
    }

    private static AddressUse sum(AddressUse one, AddressUse other) {
        return new AddressUse(
                one.family(),
                one.capacity().plus(other.capacity()),
                one.held() + other.held(),
                one.reserved().plus(other.reserved()));
    }

    private int hosts(NetworkRecord network) {
        return jdbc.sql("""
                        SELECT count(DISTINCT host.node_id) FROM host_index host
                        JOIN interface_index interface ON interface.id = host.interface_index_id
                        WHERE interface.network_id = ?""").param(network.id()).query(Integer.class).single();
    }

    private Map<Integer, InterfaceUsage> interfaces(NetworkRecord network, ReservedQueries.Reserved reserved) {
        Map<Integer, InterfaceUsage> interfaces = new LinkedHashMap<>();
        jdbc.sql(USED + """
                        SELECT interface.index, interface.master_net, interface.blocks::text[] AS blocks, used.family,
                               count(DISTINCT used.node_id) AS hosts, coalesce(sum(used.capacity), 0) AS capacity,
                               coalesce(sum(used.held), 0) AS held
                        FROM interface_index interface LEFT JOIN used ON used.interface_index_id = interface.id
                        WHERE interface.network_id = :network
                        GROUP BY interface.id, used.family ORDER BY interface.index, used.family""").param("network", network.id()).query(row -> {
            int index = row.getInt("index");
            InterfaceUsage known = interfaces.get(index);
            var addresses = new ArrayList<>(known == null ? List.<AddressUse>of() : known.addresses());
            if (row.getObject("family") != null) {
                addresses.add(use(row, reserved.in(index, family(row))));
            }
            Cidr masterNet = Columns.cidr(row, "master_net");
            List<Cidr> blocks = Columns.cidrs(row, "blocks");
            interfaces.put(index, new InterfaceUsage(index, masterNet, blocks, row.getInt("hosts"), addresses));
        });
        return interfaces;
    }

    private Page<HostUsage> byHost(
            NetworkRecord network, ReservedQueries.Reserved reserved, int limit, @Nullable UsageCursor after) {
        Map<UsageCursor, HostUsage> hosts = new LinkedHashMap<>();
        // A block without addresses for pods counts as full.
        jdbc.sql(USED + """
                        , by_family AS (
                            SELECT node_id, family, sum(capacity) AS capacity, sum(held) AS held
                            FROM used GROUP BY node_id, family),
                        by_host AS (
                            SELECT node_id, max(CASE WHEN capacity > 0 THEN trunc(1000000 * held / capacity)
                                                     ELSE 1000000 END)::bigint AS millionths
                            FROM by_family GROUP BY node_id),
                        page AS (
                            SELECT node_id, millionths FROM by_host
                            WHERE :first OR millionths < :millionths OR (millionths = :millionths AND node_id > :node)
                            ORDER BY millionths DESC, node_id LIMIT :limit)
                        SELECT page.millionths, page.node_id, node.name, node.uid, family, capacity, held
                        FROM page JOIN node ON node.id = page.node_id JOIN by_family ON by_family.node_id = node.id
                        ORDER BY page.millionths DESC, page.node_id, family""")
                .param("network", network.id())
                .param("first", after == null)
                .param("millionths", after == null ? 0 : after.millionths())
                .param("node", after == null ? 0 : after.nodeId())
                .param("limit", limit + 1)
                .query(row -> {
                    var place = new UsageCursor(row.getLong("millionths"), row.getLong("node_id"));
                    HostUsage known = hosts.get(place);
                    var addresses = new ArrayList<>(known == null ? List.<AddressUse>of() : known.addresses());
                    addresses.add(use(row, reserved.on(row.getLong("node_id"), family(row))));
                    hosts.put(place, new HostUsage(row.getString("name"), row.getString("uid"), addresses));
                });
        var places = List.copyOf(hosts.keySet());
        var all = List.copyOf(hosts.values());
        return all.size() <= limit
                ? new Page<>(all, null)
                : new Page<>(all.subList(0, limit), places.get(limit - 1).toString());
    }

    private static IpFamily family(ResultSet row) throws SQLException {
        return row.getInt("family") == 4 ? IpFamily.IPV4 : IpFamily.IPV6;
    }

    private static AddressUse use(ResultSet row, AddressCount reserved) throws SQLException {
        BigDecimal capacity = row.getBigDecimal("capacity");
        return new AddressUse(
                family(row), new AddressCount(capacity.toBigIntegerExact()), row.getLong("held"), reserved);
    }
}
