package io.multinic.ipam.store.usage;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NetworkRecord;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Number of reserved addresses of the network's blocks that pods could have and none holds.
@Repository
class ReservedQueries {
    private final JdbcClient jdbc;

    ReservedQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record InterfaceKey(int index, IpFamily family) {}

    private record NodeKey(long nodeId, IpFamily family) {}

    static final class Reserved {
        private final Map<InterfaceKey, AddressCount> byInterface = new HashMap<>();
        private final Map<NodeKey, AddressCount> byNode = new HashMap<>();

        private void add(int index, long nodeId, IpFamily family, AddressCount count) {
            byInterface.merge(new InterfaceKey(index, family), count, AddressCount::plus);
            byNode.merge(new NodeKey(nodeId, family), count, AddressCount::plus);
        }

        AddressCount in(int index, IpFamily family) {
            return byInterface.getOrDefault(new InterfaceKey(index, family), AddressCount.ZERO);
        }

        AddressCount on(long nodeId, IpFamily family) {
            return byNode.getOrDefault(new NodeKey(nodeId, family), AddressCount.ZERO);
        }
    }

    Reserved find(NetworkRecord network) {
        var reserved = new Reserved();
        jdbc.sql("""
                        SELECT part.*,
                               (SELECT count(*) FROM allocation
                                WHERE allocation.network_id = :network AND upper_inf(allocation.held)
                                  AND allocation.address >= part.first AND allocation.address <= part.last
                                  AND NOT allocation.address <<= ANY (part.excluded_blocks)) AS held
                        FROM (SELECT interface.index, host.node_id, block.interface_block,
                                     block.excluded AS excluded_blocks, block.excluded::text[] AS excluded,
                                     greatest(reservation.first, lower(addresses_of(block.cidr))) AS first,
                                     least(reservation.last, upper(addresses_of(block.cidr))) AS last
                              FROM reservation
                              JOIN block ON block.network_id = reservation.network_id
                               AND (block.cidr >>= reservation.first
                                    OR block.cidr > reservation.first AND block.cidr <= reservation.last)
                              JOIN host_index host ON host.id = block.host_index_id
                              JOIN interface_index interface ON interface.id = host.interface_index_id
                              WHERE reservation.network_id = :network) part""").param("network", network.id()).query(row -> {
            var range = new AddressRange(Columns.address(row, "first"), Columns.address(row, "last"));
            AddressCount count = AddressCount.in(range);
            for (Cidr exclude : Columns.cidrs(row, "excluded")) {
                count = count.minus(common(range, exclude));
            }
            for (IpAddress special : Columns.cidr(row, "interface_block").specialAddresses()) {
                boolean counted = range.contains(special)
                        && Columns.cidrs(row, "excluded").stream().noneMatch(exclude -> exclude.contains(special));
                count = counted ? count.minus(AddressCount.of(1)) : count;
            }
            count = count.minus(AddressCount.of(row.getLong("held")));
            reserved.add(
                    row.getInt("index"), row.getLong("node_id"), range.first().family(), count);
        });
        return reserved;
    }

    private static AddressCount common(AddressRange range, Cidr block) {
        if (block.family() != range.first().family()) {
            return AddressCount.ZERO;
        }
        IpAddress first = range.first().compareTo(block.first()) > 0 ? range.first() : block.first();
        IpAddress last = range.last().compareTo(block.last()) < 0 ? range.last() : block.last();
        return first.compareTo(last) > 0 ? AddressCount.ZERO : AddressCount.in(new AddressRange(first, last));
    }
}
