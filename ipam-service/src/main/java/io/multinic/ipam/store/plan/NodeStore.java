package io.multinic.ipam.store.plan;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Nic;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NodeRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of nodes and their NICs.
@Repository
public class NodeStore {
    private final NodeRepository nodes;
    private final HostAddressStore hostAddresses;
    private final JdbcClient jdbc;

    NodeStore(NodeRepository nodes, HostAddressStore hostAddresses, JdbcClient jdbc) {
        this.nodes = nodes;
        this.hostAddresses = hostAddresses;
        this.jdbc = jdbc;
    }

    public Optional<NodeRecord> findByUid(String uid) {
        return nodes.findByUid(uid).map(NodeEntity::toRecord);
    }

    public Optional<NodeRecord> findCurrent(String name) {
        return nodes.findByNameAndCurrentTrue(name).map(NodeEntity::toRecord);
    }

    /// Names of all nodes ever stored, by UID.
    public Map<String, String> names() {
        Map<String, String> names = new HashMap<>();
        jdbc.sql("SELECT uid, name FROM node").query(row -> {
            names.put(row.getString("uid"), row.getString("name"));
        });
        return names;
    }

    /// Makes the node the current one of its name. The previous one loses the name and keeps its blocks.
    public NodeRecord makeCurrent(PlanLock lock, String uid, String name) {
        nodes.findByNameAndCurrentTrue(name).ifPresent(previous -> {
            if (!previous.toRecord().uid().equals(uid)) {
                previous.supersede();
                nodes.saveAndFlush(previous);
            }
        });
        var node = nodes.findByUid(uid).orElseGet(() -> new NodeEntity(uid, name, lock.revision()));
        node.becomeCurrent(name);
        return nodes.saveAndFlush(node).toRecord();
    }

    /// @return addresses that are no longer a host's own
    public Set<IpAddress> retire(PlanLock lock, NodeRecord node, Instant at) {
        nodes.findById(node.id()).ifPresent(entity -> {
            entity.retire(at);
            nodes.saveAndFlush(entity);
        });
        jdbc.sql("DELETE FROM nic WHERE node_id = ?").param(node.id()).update();
        return hostAddresses.remove(lock, node);
    }

    /// Returns true if the node is retired now, whatever an earlier read in the transaction returned.
    public boolean isRetired(NodeRecord node) {
        return jdbc.sql("SELECT retired_at IS NOT NULL FROM node WHERE id = ?")
                .param(node.id())
                .query(Boolean.class)
                .single();
    }

    /// NICs in the order of the node's inventory.
    public List<Nic> nics(NodeRecord node) {
        return jdbc.sql("SELECT name, addresses::text[] FROM nic WHERE node_id = ? ORDER BY position")
                .param(node.id())
                .query((row, number) -> Columns.nic(row))
                .list();
    }

    /// @return addresses that became a host's own or ceased to be one
    public Set<IpAddress> replaceNics(PlanLock lock, NodeRecord node, List<Nic> nics) {
        jdbc.sql("DELETE FROM nic WHERE node_id = ?").param(node.id()).update();
        jdbc.sql("""
                        INSERT INTO nic (node_id, position, name, addresses)
                        SELECT ?, position, name, string_to_array(addresses, ' ')::inet[]
                        FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS given (name, addresses, position)""")
                .param(node.id())
                .param(nics.stream().map(Nic::name).toArray(String[]::new))
                .param(nics.stream()
                        .map(nic -> String.join(
                                " ",
                                nic.addresses().stream()
                                        .map(PrefixedAddress::toString)
                                        .toList()))
                        .toArray(String[]::new))
                .update();
        return hostAddresses.replace(lock, node, nics);
    }

    private static final String INVENTORY = """
            SELECT node.uid, nic.name, nic.addresses::text[] AS addresses
            FROM node LEFT JOIN nic ON nic.node_id = node.id AND node.current
            WHERE""";
    private static final String BY_NAME = " ORDER BY node.name, nic.position";

    /// NICs of the current nodes, by node name: input of the planner.
    public List<HostNics> inventory() {
        return inventory(jdbc.sql(INVENTORY + " node.current" + BY_NAME));
    }

    /// NICs of these nodes, by node name; a superseded node counts as one without NICs.
    public List<HostNics> inventory(Collection<String> uids) {
        return inventory(jdbc.sql(INVENTORY + " node.uid = ANY (?)" + BY_NAME).param(uids.toArray(String[]::new)));
    }

    private static List<HostNics> inventory(JdbcClient.StatementSpec statement) {
        Map<String, List<Nic>> nicsByUid = new LinkedHashMap<>();
        statement.query(row -> {
            var nics = nicsByUid.computeIfAbsent(row.getString("uid"), uid -> new ArrayList<>());
            if (row.getString("name") != null) {
                nics.add(Columns.nic(row));
            }
        });
        return nicsByUid.entrySet().stream()
                .map(entry -> new HostNics(entry.getKey(), entry.getValue()))
                .toList();
    }
}
