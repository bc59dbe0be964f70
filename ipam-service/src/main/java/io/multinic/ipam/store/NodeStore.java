package io.multinic.ipam.store;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Nic;
import io.multinic.ipam.plan.HostNics;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Nodes and their NICs. All writing happens under the plan lock.
@Repository
public class NodeStore {
    private final NodeRepository nodes;
    private final JdbcClient jdbc;

    NodeStore(NodeRepository nodes, JdbcClient jdbc) {
        this.nodes = nodes;
        this.jdbc = jdbc;
    }

    public Optional<NodeRecord> findByUid(String uid) {
        return nodes.findByUid(uid).map(NodeEntity::toRecord);
    }

    public Optional<NodeRecord> findCurrent(String name) {
        return nodes.findByNameAndCurrentTrue(name).map(NodeEntity::toRecord);
    }

    /// All current nodes, by name.
    public List<NodeRecord> findCurrent() {
        return nodes.findByCurrentTrueOrderByName().stream()
                .map(NodeEntity::toRecord)
                .toList();
    }

    /// All that have blocks or may get them, by name: the current ones, and those whose name another one has taken.
    public List<NodeRecord> findUnretired() {
        return nodes.findByRetiredAtIsNullOrderByNameAscIdAsc().stream()
                .map(NodeEntity::toRecord)
                .toList();
    }

    /// Makes the node the current one of its name. Another one of that name loses the name, not its blocks.
    public NodeRecord makeCurrent(String uid, String name, long revision) {
        nodes.findByNameAndCurrentTrue(name).ifPresent(holder -> {
            if (!holder.toRecord().uid().equals(uid)) {
                holder.supersede();
                nodes.saveAndFlush(holder);
            }
        });
        var node = nodes.findByUid(uid).orElseGet(() -> new NodeEntity(uid, name, revision));
        node.becomeCurrent(name);
        return nodes.saveAndFlush(node).toRecord();
    }

    public void retire(NodeRecord node, Instant at) {
        nodes.findById(node.id()).ifPresent(entity -> {
            entity.retire(at);
            nodes.saveAndFlush(entity);
        });
        jdbc.sql("DELETE FROM nic WHERE node_id = ?").param(node.id()).update();
    }

    /// In the node's own order.
    public List<Nic> nics(NodeRecord node) {
        return jdbc.sql("SELECT name, addresses::text[] FROM nic WHERE node_id = ? ORDER BY position")
                .param(node.id())
                .query((row, number) -> nic(row))
                .list();
    }

    public void replaceNics(NodeRecord node, List<Nic> nics) {
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
    }

    /// Of every current node, by name: what a plan is made of.
    public List<HostNics> inventory() {
        Map<String, List<Nic>> nicsByUid = new LinkedHashMap<>();
        jdbc.sql("""
                        SELECT node.uid, nic.name, nic.addresses::text[] AS addresses
                        FROM node LEFT JOIN nic ON nic.node_id = node.id
                        WHERE node.current ORDER BY node.name, nic.position""").query(row -> {
            var nics = nicsByUid.computeIfAbsent(row.getString("uid"), uid -> new ArrayList<>());
            if (row.getString("name") != null) {
                nics.add(nic(row));
            }
        });
        return nicsByUid.entrySet().stream()
                .map(entry -> new HostNics(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Nic nic(ResultSet row) throws SQLException {
        String[] addresses = (String[]) row.getArray("addresses").getArray();
        var parsed = new ArrayList<PrefixedAddress>(addresses.length);
        for (String address : addresses) {
            // inet leaves out the length of a host's own prefix
            parsed.add(PrefixedAddress.parse(
                    address.indexOf('/') >= 0 ? address : address + (address.indexOf(':') >= 0 ? "/128" : "/32")));
        }
        return new Nic(row.getString("name"), parsed);
    }
}
