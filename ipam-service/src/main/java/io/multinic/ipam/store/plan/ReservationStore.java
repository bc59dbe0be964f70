package io.multinic.ipam.store.plan;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Reservation;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NetworkRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of reservations.
@Repository
public class ReservationStore {
    private static final String RESERVATIONS = """
            SELECT reservation.id, network.name AS network, first, last, reason, owner, held_for, created_at, created_by,
                   (SELECT count(*) FROM allocation
                    WHERE allocation.network_id = reservation.network_id AND upper_inf(allocation.held)
                      AND allocation.address >= first AND allocation.address <= last) AS held
            FROM reservation JOIN network ON network.id = reservation.network_id
            """;

    private final JdbcClient jdbc;

    ReservationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Filter of reservations; an absent field matches any.
    ///
    /// @param address contained in the range
    public record Filter(
            @Nullable String owner,
            @Nullable String heldFor,
            @Nullable IpAddress address) {}

    /// Reservations above the address `after`, in the order of their addresses.
    ///
    /// @param after empty for the first page
    public List<Reservation> find(NetworkRecord network, Filter filter, String after, int limit) {
        return jdbc.sql(RESERVATIONS + """
                        WHERE network_id = :network
                          AND (:after = '' OR first > nullif(:after, '')::inet)
                          AND (:owner::text IS NULL OR owner = :owner)
                          AND (:heldFor::text IS NULL OR held_for = :heldFor)
                          AND (:address::inet IS NULL OR inet_range(first, last, '[]') @> :address::inet)
                        ORDER BY first LIMIT :limit""")
                .param("network", network.id())
                .param("after", after)
                .param("owner", filter.owner())
                .param("heldFor", filter.heldFor())
                .param("address", Columns.text(filter.address()))
                .param("limit", limit)
                .query((row, number) -> reservation(row))
                .list();
    }

    public Optional<Reservation> find(NetworkRecord network, long id) {
        return jdbc.sql(RESERVATIONS + "WHERE network_id = ? AND reservation.id = ?")
                .param(network.id())
                .param(id)
                .query((row, number) -> reservation(row))
                .optional();
    }

    /// First reservation, by address, that overlaps the range.
    public Optional<Reservation> overlapping(NetworkRecord network, AddressRange range) {
        return jdbc.sql(RESERVATIONS + """
                        WHERE network_id = ? AND inet_range(first, last, '[]') && inet_range(?::inet, ?::inet, '[]')
                        ORDER BY first LIMIT 1""")
                .param(network.id())
                .param(range.first().toString())
                .param(range.last().toString())
                .query((row, number) -> reservation(row))
                .optional();
    }

    /// Returns true if the range lies within a subnet of the network, or within an interface block if it has no
    /// subnet.
    public boolean isWithin(NetworkRecord network, AddressRange range) {
        return jdbc.sql("""
                        SELECT EXISTS (
                            SELECT FROM (SELECT subnet AS block FROM network_subnet WHERE network_id = :network
                                         UNION ALL
                                         SELECT unnest(blocks) FROM interface_index WHERE network_id = :network) blocks
                            WHERE block >>= :first::inet AND block >>= :last::inet)""")
                .param("network", network.id())
                .param("first", range.first().toString())
                .param("last", range.last().toString())
                .query(Boolean.class)
                .single();
    }

    /// A reservation that is not within one of these blocks, if there is one.
    public Optional<Reservation> outside(NetworkRecord network, Collection<Cidr> blocks) {
        return jdbc.sql(RESERVATIONS + """
                        WHERE network_id = ? AND NOT EXISTS (
                            SELECT FROM unnest(?::cidr[]) AS block WHERE block >>= first AND block >>= last)
                        ORDER BY first LIMIT 1""")
                .param(network.id())
                .param(Columns.texts(blocks, block -> block))
                .query((row, number) -> reservation(row))
                .optional();
    }

    public long count(NetworkRecord network) {
        return jdbc.sql("SELECT count(*) FROM reservation WHERE network_id = ?")
                .param(network.id())
                .query(Long.class)
                .single();
    }

    public Reservation insert(PlanLock lock, NetworkRecord network, ReservationRequest request, String caller) {
        long id = jdbc.sql("""
                        INSERT INTO reservation (network_id, first, last, reason, owner, held_for, created_by)
                        VALUES (?, ?::inet, ?::inet, ?, ?, ?, ?) RETURNING id""")
                .param(network.id())
                .param(request.range().first().toString())
                .param(request.range().last().toString())
                .param(request.reason())
                .param(request.owner())
                .param(request.heldFor())
                .param(caller)
                .query(Long.class)
                .single();
        return find(network, id).orElseThrow();
    }

    public void delete(PlanLock lock, Reservation reservation) {
        jdbc.sql("DELETE FROM reservation WHERE id = ?").param(reservation.id()).update();
    }

    /// Deletes all reservations of the network.
    ///
    /// @return the deleted ones, in the order of their addresses
    public List<Reservation> deleteAll(PlanLock lock, NetworkRecord network) {
        List<Reservation> all = jdbc.sql(RESERVATIONS + "WHERE network_id = ? ORDER BY first")
                .param(network.id())
                .query((row, number) -> reservation(row))
                .list();
        jdbc.sql("DELETE FROM reservation WHERE network_id = ?")
                .param(network.id())
                .update();
        return all;
    }

    /// Raises the plan revision of the nodes with a block that overlaps the range.
    public void raiseNodes(PlanLock lock, NetworkRecord network, AddressRange range) {
        // A block overlaps the range if it contains its first address or begins within it.
        jdbc.sql("""
                        UPDATE node SET revision = :revision
                        WHERE id IN (SELECT host.node_id
                                     FROM block JOIN host_index host ON host.id = block.host_index_id
                                     WHERE block.network_id = :network
                                       AND (block.cidr >>= :first::inet
                                            OR block.cidr > :first::inet AND block.cidr <= :last::inet))""")
                .param("revision", lock.revision())
                .param("network", network.id())
                .param("first", range.first().toString())
                .param("last", range.last().toString())
                .update();
    }

    private static Reservation reservation(ResultSet row) throws SQLException {
        return new Reservation(
                row.getLong("id"),
                row.getString("network"),
                Columns.address(row, "first"),
                Columns.address(row, "last"),
                row.getString("reason"),
                row.getString("owner"),
                row.getString("held_for"),
                Objects.requireNonNull(Columns.instant(row, "created_at")),
                row.getString("created_by"),
                row.getLong("held"));
    }
}
