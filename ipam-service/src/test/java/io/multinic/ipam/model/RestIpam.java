package io.multinic.ipam.model;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.ReleaseRequest;
import io.multinic.contract.wire.Reservation;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// The real service over REST; its state is read from its tables.
final class RestIpam implements IpamOperations {
    private final Rest rest;
    private final boolean polls;
    private final Connection connection;
    private final Map<ObservedState.Key, Long> ids = new HashMap<>();
    private final Map<String, PolledPlan> polled = new HashMap<>();

    /// @param polls whether to observe the plans of agents that poll for changes, too
    RestIpam(Rest rest, Connection connection, boolean polls) {
        this.rest = rest;
        this.polls = polls;
        this.connection = connection;
    }

    private static Rest.Answer done(Rest.Answer answer) {
        if (answer.status() >= 300) {
            throw new MultiNicException(ErrorCode.valueOf(answer.code()), answer.detail());
        }
        return answer;
    }

    @Override
    public void putNetwork(NetworkDefinition definition) {
        done(rest.put("/api/v1/networks/" + definition.name(), definition));
    }

    @Override
    public void deleteNetwork(String name) {
        done(rest.delete("/api/v1/networks/" + name));
    }

    private static String reservations(String network) {
        return "/api/v1/networks/" + network + "/reservations";
    }

    @Override
    public ReservationResult reserve(String network, ReservationRequest request) {
        var answer = done(rest.post(reservations(network), request));
        boolean isNew = answer.status() == 201;
        Reservation made = isNew ? answer.created(Reservation.class) : answer.as(Reservation.class);
        ids.put(new ObservedState.Key(network, made.first()), made.id());
        return new ReservationResult(reservation(made), isNew);
    }

    private static ObservedState.Reservation reservation(Reservation reservation) {
        return new ObservedState.Reservation(
                reservation.network(),
                reservation.first(),
                reservation.last(),
                reservation.reason(),
                reservation.owner(),
                reservation.heldFor(),
                reservation.held());
    }

    /// By the last ID of a reservation that began there; it may have been removed.
    @Override
    public void unreserve(String network, IpAddress first) {
        long id = ids.getOrDefault(new ObservedState.Key(network, first), Long.MAX_VALUE);
        done(rest.delete(reservations(network) + "/" + id));
    }

    @Override
    public void putNode(String name, NodeInventory inventory) {
        done(rest.put("/api/v1/nodes/" + name, inventory));
    }

    @Override
    public void retire(String name, @Nullable String uid, boolean gone) {
        done(rest.delete("/api/v1/nodes/" + name + "?gone=" + gone + (uid == null ? "" : "&uid=" + uid)));
    }

    @Override
    public SessionGrant openSession(String node, SessionRequest request) {
        return done(rest.post("/api/v1/nodes/" + node + "/session", request)).as(SessionGrant.class);
    }

    @Override
    public LedgerReceipt append(String node, LedgerBatch batch) {
        return done(rest.post("/api/v1/nodes/" + node + "/ledger", batch)).as(LedgerReceipt.class);
    }

    @Override
    public Instant release(String network, IpAddress address) {
        var request = new ReleaseRequest(List.of(), true, "random walk", null);
        var released = done(rest.post("/api/v1/networks/" + network + "/addresses/" + address + "/release", request));
        return Objects.requireNonNull(released.as(AllocationInterval.class).to());
    }

    @Override
    public ObservedState observe() {
        try {
            return new ObservedState(
                    plan(), interfaces(), unplaced(), polls ? delivered() : Set.of(), reservations(), ledger());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @FunctionalInterface
    private interface Row {
        void read(ResultSet row) throws SQLException;
    }

    private void query(String sql, Row each) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                each.read(rows);
            }
        }
    }

    private Map<ObservedState.SlotKey, ObservedState.Slot> plan() throws SQLException {
        var plan = new HashMap<ObservedState.SlotKey, ObservedState.Slot>();
        query("""
                SELECT network.name AS network, node.uid, host.nic, interface.master_net,
                       interface.index AS interface_index, host.index AS host_index,
                       host.present AND node.current AS present, block.cidr, block.excluded::text[] AS excluded
                FROM block JOIN host_index host ON host.id = block.host_index_id
                JOIN interface_index interface ON interface.id = host.interface_index_id
                JOIN network ON network.id = interface.network_id JOIN node ON node.id = host.node_id""", row -> {
            var key = new ObservedState.SlotKey(
                    row.getString("network"),
                    row.getString("uid"),
                    row.getString("nic"),
                    Cidr.parse(row.getString("master_net")));
            String[] excluded = (String[]) row.getArray("excluded").getArray();
            var blocks = new ArrayList<>(List.of(ObservedState.Block.of(
                    Cidr.parse(row.getString("cidr")),
                    Arrays.stream(excluded).map(Cidr::parse).toList())));
            ObservedState.Slot known = plan.get(key);
            if (known != null) {
                blocks.addAll(known.blocks());
            }
            plan.put(
                    key,
                    new ObservedState.Slot(
                            row.getInt("interface_index"),
                            row.getInt("host_index"),
                            row.getBoolean("present"),
                            blocks));
        });
        return plan;
    }

    private Map<ObservedState.Interface, Integer> interfaces() throws SQLException {
        var interfaces = new HashMap<ObservedState.Interface, Integer>();
        query(
                "SELECT name, master_net, index FROM interface_index JOIN network ON network.id = network_id",
                row -> interfaces.put(
                        new ObservedState.Interface(row.getString("name"), Cidr.parse(row.getString("master_net"))),
                        row.getInt("index")));
        return interfaces;
    }

    private Set<ObservedState.UnplacedNic> unplaced() throws SQLException {
        var unplaced = new HashSet<ObservedState.UnplacedNic>();
        query(
                "SELECT network.name, node.uid, nic, reason LIKE '%no route%' AS route FROM unplaced"
                        + " JOIN network ON network.id = network_id JOIN node ON node.id = node_id WHERE node.current",
                row -> unplaced.add(new ObservedState.UnplacedNic(
                        row.getString("name"), row.getString("uid"), row.getString("nic"), row.getBoolean("route"))));
        return unplaced;
    }

    /// The blocks as agents know them that poll for changes.
    private Set<ObservedState.DeliveredBlock> delivered() throws SQLException {
        var current = new HashMap<String, String>();
        query("SELECT name, uid FROM node WHERE current", row -> current.put(row.getString(1), row.getString(2)));
        var delivered = new HashSet<ObservedState.DeliveredBlock>();
        current.forEach((name, uid) ->
                delivered.addAll(polled.computeIfAbsent(name + " " + uid, unknown -> new PolledPlan(rest, name, uid))
                        .delivered()));
        return delivered;
    }

    private Set<ObservedState.Reservation> reservations() throws SQLException {
        var networks = new ArrayList<String>();
        query("SELECT name FROM network WHERE definition IS NOT NULL", row -> networks.add(row.getString(1)));
        var reservations = new HashSet<ObservedState.Reservation>();
        for (String network : networks) {
            Page<Reservation> all = rest.get(reservations(network)).as(new TypeReference<>() {});
            all.items().forEach(each -> reservations.add(reservation(each)));
        }
        return reservations;
    }

    private Map<ObservedState.Key, ObservedState.AddressHistory> ledger() throws SQLException {
        var held = new HashMap<ObservedState.Key, List<ObservedState.Interval>>();
        var conflicts = new HashMap<ObservedState.Key, List<ObservedState.Conflict>>();
        query(
                """
                SELECT network.name AS network, address, node.uid, journal.store_id, opened_sequence AS sequence,
                       container_id, lower(held) AS held_from, upper(held) AS held_to
                FROM allocation JOIN network ON network.id = network_id JOIN journal ON journal.id = journal_id
                JOIN node ON node.id = allocation.node_id""",
                row -> held.computeIfAbsent(key(row), unknown -> new ArrayList<>())
                        .add(new ObservedState.Interval(
                                event(row),
                                row.getString("container_id"),
                                moment(row, "held_from"),
                                moment(row, "held_to"))));
        query(
                """
                SELECT network.name AS network, address, node.uid, journal.store_id, sequence, kind, container_id, at,
                       resolved_at
                FROM conflict JOIN network ON network.id = network_id JOIN journal ON journal.id = journal_id
                JOIN node ON node.id = conflict.node_id""",
                row -> conflicts
                        .computeIfAbsent(key(row), unknown -> new ArrayList<>())
                        .add(new ObservedState.Conflict(
                                event(row),
                                row.getString("kind"),
                                row.getString("container_id"),
                                moment(row, "at"),
                                moment(row, "resolved_at"))));
        var all = new HashSet<>(held.keySet());
        all.addAll(conflicts.keySet());
        var ledger = new HashMap<ObservedState.Key, ObservedState.AddressHistory>();
        all.forEach(key -> ledger.put(
                key,
                new ObservedState.AddressHistory(
                        held.getOrDefault(key, List.of()), conflicts.getOrDefault(key, List.of()))));
        return ledger;
    }

    private static ObservedState.Key key(ResultSet row) throws SQLException {
        return new ObservedState.Key(row.getString("network"), IpAddress.parse(row.getString("address")));
    }

    private static ObservedState.EventId event(ResultSet row) throws SQLException {
        return new ObservedState.EventId(row.getString("uid"), row.getString("store_id"), row.getLong("sequence"));
    }

    private static @Nullable Instant moment(ResultSet row, String column) throws SQLException {
        var time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
