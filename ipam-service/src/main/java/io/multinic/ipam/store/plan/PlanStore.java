package io.multinic.ipam.store.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.ipam.plan.HostKey;
import io.multinic.ipam.plan.HostSlot;
import io.multinic.ipam.plan.IndexRanges;
import io.multinic.ipam.plan.Indexes;
import io.multinic.ipam.plan.InterfaceSlot;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.plan.PlannedBlock;
import io.multinic.ipam.plan.Unplaced;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NodeRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of the plan. A change costs a constant number of statements, whatever the number of nodes.
@Repository
public class PlanStore {
    private final JdbcClient jdbc;
    private final PlanChangeLog changes;

    PlanStore(JdbcClient jdbc, PlanChangeLog changes) {
        this.jdbc = jdbc;
        this.changes = changes;
    }

    /// Assigned indexes of the network: by NIC for these nodes, as ranges for all.
    public Indexes indexes(int networkId, Collection<String> nodeUids) {
        Map<HostKey, Integer> hosts = new HashMap<>();
        jdbc.sql("""
                        SELECT node.uid, host.nic, interface.master_net, host.index
                        FROM node
                        JOIN host_index host ON host.node_id = node.id
                        JOIN interface_index interface ON interface.id = host.interface_index_id
                        WHERE interface.network_id = ? AND node.uid = ANY (?)""").param(networkId).param(nodeUids.toArray(String[]::new)).query(row -> {
            hosts.put(hostKey(row), row.getInt("index"));
        });
        Map<Cidr, List<IndexRanges.Range>> ranges = new HashMap<>();
        jdbc.sql("""
                        SELECT master_net, lower(range) AS first, upper(range) - 1 AS last
                        FROM interface_index, unnest(taken) AS range WHERE network_id = ?""").param(networkId).query(row -> {
            ranges.computeIfAbsent(Columns.cidr(row, "master_net"), net -> new ArrayList<>())
                    .add(new IndexRanges.Range(row.getLong("first"), row.getLong("last")));
        });
        Map<Cidr, IndexRanges> taken = new HashMap<>();
        ranges.forEach((masterNet, some) -> taken.put(masterNet, new IndexRanges(some)));
        return new Indexes(interfaces(networkId), hosts, taken);
    }

    /// Assigned indexes of the network, by NIC for all nodes.
    public Indexes indexes(int networkId) {
        Map<HostKey, Integer> hosts = new HashMap<>();
        jdbc.sql("""
                        SELECT node.uid, host.nic, interface.master_net, host.index
                        FROM interface_index interface
                        JOIN host_index host ON host.interface_index_id = interface.id
                        JOIN node ON node.id = host.node_id
                        WHERE interface.network_id = ?""").param(networkId).query(row -> {
            hosts.put(hostKey(row), row.getInt("index"));
        });
        return new Indexes(interfaces(networkId), hosts);
    }

    private Map<Cidr, Integer> interfaces(int networkId) {
        Map<Cidr, Integer> interfaces = new HashMap<>();
        jdbc.sql("SELECT master_net, index FROM interface_index WHERE network_id = ?")
                .param(networkId)
                .query(row -> {
                    interfaces.put(Columns.cidr(row, "master_net"), row.getInt("index"));
                });
        return interfaces;
    }

    private static HostKey hostKey(ResultSet row) throws SQLException {
        return new HostKey(row.getString("uid"), row.getString("nic"), Columns.cidr(row, "master_net"));
    }

    /// Stored slots of these nodes.
    public List<HostSlot> slots(int networkId, Collection<String> nodeUids) {
        Map<HostKey, HostSlot> slots = new LinkedHashMap<>();
        var withBlocks = """
                SELECT node.uid, host.nic, interface.master_net, interface.index AS interface_index,
                       host.index, host.present, host.via_ipv4, host.via_ipv6,
                       block.interface_block, block.cidr, block.excluded::text[] AS excluded
                FROM interface_index interface
                JOIN host_index host ON host.interface_index_id = interface.id
                JOIN node ON node.id = host.node_id
                JOIN block ON block.host_index_id = host.id
                WHERE interface.network_id = ? AND node.uid = ANY (?)
                ORDER BY family(block.cidr)""";
        jdbc.sql(withBlocks)
                .param(networkId)
                .param(nodeUids.toArray(String[]::new))
                .query(row -> {
                    HostKey key = hostKey(row);
                    var block = new PlannedBlock(
                            Columns.cidr(row, "interface_block"),
                            Columns.cidr(row, "cidr"),
                            Columns.cidrs(row, "excluded"));
                    HostSlot known = slots.get(key);
                    var blocks = known == null ? new ArrayList<PlannedBlock>() : new ArrayList<>(known.blocks());
                    blocks.add(block);
                    slots.put(
                            key,
                            new HostSlot(
                                    key,
                                    row.getInt("interface_index"),
                                    row.getInt("index"),
                                    row.getBoolean("present"),
                                    Columns.addressOrNull(row, "via_ipv4"),
                                    Columns.addressOrNull(row, "via_ipv6"),
                                    blocks));
                });
        return List.copyOf(slots.values());
    }

    /// Stores the diff, raises revisions and logs the change for peers.
    ///
    /// @param nodeUids the planned nodes
    public void apply(PlanLock lock, int networkId, Collection<String> nodeUids, Plan plan, PlanDiff diff) {
        long revision = lock.revision();
        deleteHosts(networkId, diff.removed());
        replaceInterfaces(networkId, plan.interfaces(), revision);
        insertHosts(networkId, diff.added());
        insertBlocks(networkId, diff.added());
        replaceUnplaced(networkId, nodeUids, plan.unplaced());
        raiseRevisions(networkId, diff, revision);
        changes.record(networkId, diff, revision);
    }

    private void deleteHosts(int networkId, List<HostSlot> slots) {
        if (slots.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        DELETE FROM host_index host
                        USING unnest(?::text[], ?::text[], ?::cidr[]) AS gone (uid, nic, master_net),
                              node, interface_index interface
                        WHERE node.uid = gone.uid AND interface.network_id = ?
                          AND interface.master_net = gone.master_net AND host.interface_index_id = interface.id
                          AND host.node_id = node.id AND host.nic = gone.nic""")
                .param(Columns.texts(slots, slot -> slot.key().nodeUid()))
                .param(Columns.texts(slots, slot -> slot.key().nic()))
                .param(Columns.texts(slots, slot -> slot.key().masterNet()))
                .param(networkId)
                .update();
    }

    private void replaceInterfaces(int networkId, List<InterfaceSlot> planned, long revision) {
        var stored = new HashSet<InterfaceSlot>();
        jdbc.sql("SELECT index, master_net, blocks::text[] AS blocks FROM interface_index WHERE network_id = ?")
                .param(networkId)
                .query(row -> {
                    stored.add(new InterfaceSlot(
                            row.getInt("index"), Columns.cidr(row, "master_net"), Columns.cidrs(row, "blocks")));
                });
        var added = planned.stream().filter(slot -> !stored.contains(slot)).toList();
        planned.forEach(stored::remove);
        jdbc.sql("DELETE FROM interface_index WHERE network_id = ? AND index = ANY (?)")
                .param(networkId)
                .param(stored.stream().mapToInt(InterfaceSlot::index).toArray())
                .update();
        jdbc.sql("""
                        INSERT INTO interface_index (network_id, index, master_net, blocks, revision)
                        SELECT ?, index, master_net, string_to_array(blocks, ' ')::cidr[], ?
                        FROM unnest(?::integer[], ?::cidr[], ?::text[]) AS added (index, master_net, blocks)""")
                .param(networkId)
                .param(revision)
                .param(Columns.texts(added, InterfaceSlot::index))
                .param(Columns.texts(added, InterfaceSlot::masterNet))
                .param(Columns.texts(added, slot -> Columns.joined(slot.blocks())))
                .update();
    }

    private void insertHosts(int networkId, List<HostSlot> slots) {
        jdbc.sql("""
                        INSERT INTO host_index
                               (interface_index_id, node_id, nic, index, present, via_ipv4, via_ipv6)
                        SELECT interface.id, node.id, added.nic, added.index, added.present, added.via_ipv4,
                               added.via_ipv6
                        FROM unnest(?::text[], ?::text[], ?::cidr[], ?::integer[], ?::boolean[], ?::inet[], ?::inet[])
                             AS added (uid, nic, master_net, index, present, via_ipv4, via_ipv6)
                        JOIN node ON node.uid = added.uid
                        JOIN interface_index interface
                          ON interface.network_id = ? AND interface.master_net = added.master_net""")
                .param(Columns.texts(slots, slot -> slot.key().nodeUid()))
                .param(Columns.texts(slots, slot -> slot.key().nic()))
                .param(Columns.texts(slots, slot -> slot.key().masterNet()))
                .param(Columns.texts(slots, HostSlot::hostIndex))
                .param(Columns.texts(slots, HostSlot::present))
                .param(Columns.texts(slots, HostSlot::viaIpv4))
                .param(Columns.texts(slots, HostSlot::viaIpv6))
                .param(networkId)
                .update();
    }

    private record BlockRow(HostKey key, PlannedBlock block) {}

    private void insertBlocks(int networkId, List<HostSlot> slots) {
        var rows = slots.stream()
                .flatMap(slot -> slot.blocks().stream().map(block -> new BlockRow(slot.key(), block)))
                .toList();
        jdbc.sql("""
                        INSERT INTO block (host_index_id, network_id, cidr, interface_block, excluded, capacity)
                        SELECT host.id, interface.network_id, added.cidr, added.interface_block,
                               string_to_array(added.excluded, ' ')::cidr[], added.capacity
                        FROM unnest(?::text[], ?::text[], ?::cidr[], ?::cidr[], ?::cidr[], ?::text[], ?::numeric[])
                             AS added (uid, nic, master_net, cidr, interface_block, excluded, capacity)
                        JOIN node ON node.uid = added.uid
                        JOIN interface_index interface
                          ON interface.network_id = ? AND interface.master_net = added.master_net
                        JOIN host_index host
                          ON host.interface_index_id = interface.id AND host.node_id = node.id
                         AND host.nic = added.nic""")
                .param(Columns.texts(rows, row -> row.key().nodeUid()))
                .param(Columns.texts(rows, row -> row.key().nic()))
                .param(Columns.texts(rows, row -> row.key().masterNet()))
                .param(Columns.texts(rows, row -> row.block().podBlock()))
                .param(Columns.texts(rows, row -> row.block().interfaceBlock()))
                .param(Columns.texts(rows, row -> Columns.joined(row.block().excluded())))
                .param(Columns.texts(rows, row -> row.block().capacity()))
                .param(networkId)
                .update();
    }

    private void replaceUnplaced(int networkId, Collection<String> nodeUids, List<Unplaced> unplaced) {
        var deletion = """
                DELETE FROM unplaced USING node
                WHERE unplaced.network_id = ? AND node.id = unplaced.node_id AND node.uid = ANY (?)""";
        jdbc.sql(deletion)
                .param(networkId)
                .param(nodeUids.toArray(String[]::new))
                .update();
        jdbc.sql("""
                        INSERT INTO unplaced (network_id, node_id, nic, reason)
                        SELECT DISTINCT ?, node.id, added.nic, added.reason
                        FROM unnest(?::text[], ?::text[], ?::text[]) AS added (uid, nic, reason)
                        JOIN node ON node.uid = added.uid""")
                .param(networkId)
                .param(Columns.texts(unplaced, Unplaced::nodeUid))
                .param(Columns.texts(unplaced, Unplaced::nic))
                .param(Columns.texts(unplaced, Unplaced::reason))
                .update();
    }

    private void raiseRevisions(int networkId, PlanDiff diff, long revision) {
        jdbc.sql("UPDATE interface_index SET revision = ? WHERE network_id = ? AND index = ANY (?)")
                .param(revision)
                .param(networkId)
                .param(diff.interfacesChanged().stream()
                        .mapToInt(Integer::intValue)
                        .toArray())
                .update();
        raiseNodes(diff.nodesChanged(), revision);
    }

    /// Raises the plan revision of these nodes to that of the change.
    public void raiseNodes(PlanLock lock, Collection<String> nodeUids) {
        raiseNodes(nodeUids, lock.revision());
    }

    private void raiseNodes(Collection<String> nodeUids, long revision) {
        jdbc.sql("UPDATE node SET revision = ? WHERE uid = ANY (?)")
                .param(revision)
                .param(nodeUids.toArray(String[]::new))
                .update();
    }

    /// Raises the plan revision of the node's peers, and logs all its blocks as changed.
    public void raisePeersOf(PlanLock lock, NodeRecord node) {
        long revision = lock.revision();
        var raise = """
                UPDATE interface_index SET revision = ?
                WHERE id IN (SELECT interface_index_id FROM host_index WHERE node_id = ?)""";
        jdbc.sql(raise).param(revision).param(node.id()).update();
        changes.recordAllBlocks(node, revision);
    }

    /// Discards the logged changes; agents with an older revision get their whole plan.
    public void discardChanges(PlanLock lock) {
        changes.discardUpTo(lock.revision());
    }

    /// UIDs of nodes with a NIC that has no block, or no route to it.
    public Set<String> nodesWithUnplaced(int networkId) {
        return new HashSet<>(jdbc.sql("""
                        SELECT DISTINCT node.uid FROM unplaced JOIN node ON node.id = unplaced.node_id
                        WHERE unplaced.network_id = ?""").param(networkId).query(String.class).list());
    }

    /// Deletes the plan of the network.
    public void clear(PlanLock lock, int networkId) {
        jdbc.sql("DELETE FROM unplaced WHERE network_id = ?").param(networkId).update();
        jdbc.sql("DELETE FROM interface_index WHERE network_id = ?")
                .param(networkId)
                .update();
    }

    /// Frees the node's indexes in every network.
    public void release(PlanLock lock, NodeRecord node) {
        jdbc.sql("DELETE FROM unplaced WHERE node_id = ?").param(node.id()).update();
        raisePeersOf(lock, node);
        jdbc.sql("DELETE FROM host_index WHERE node_id = ?").param(node.id()).update();
    }
}
