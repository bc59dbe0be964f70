package io.multinic.ipam.store;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.PodRef;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Conversion of PostgreSQL values, and of lists to array parameters of `unnest`.
public final class Columns {
    /// Columns of a holder, as [#allocation] reads them.
    public static final String HOLDER = "nic, pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface";

    private Columns() {}

    /// Array of one column of the rows; null becomes NULL.
    public static <T> @Nullable String[] texts(
            Collection<T> rows, Function<? super T, ? extends @Nullable Object> column) {
        var texts = new @Nullable String[rows.size()];
        int i = 0;
        for (T row : rows) {
            Object value = column.apply(row);
            texts[i++] = value == null ? null : value.toString();
        }
        return texts;
    }

    /// List as one text, split by `string_to_array(…, ' ')`: arrays of arrays must be rectangular.
    public static String joined(List<?> values) {
        return String.join(" ", values.stream().map(Object::toString).toList());
    }

    /// Text parameter; null becomes NULL.
    public static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    public static Cidr cidr(ResultSet row, String column) throws SQLException {
        return Cidr.parse(row.getString(column));
    }

    public static List<Cidr> cidrs(ResultSet row, String column) throws SQLException {
        return Arrays.stream((String[]) row.getArray(column).getArray())
                .map(Cidr::parse)
                .toList();
    }

    public static IpAddress address(ResultSet row, String column) throws SQLException {
        return IpAddress.parse(row.getString(column));
    }

    public static @Nullable IpAddress addressOrNull(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : IpAddress.parse(text);
    }

    public static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /// Parameter of type timestamptz.
    public static OffsetDateTime moment(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }

    public static Nic nic(ResultSet row) throws SQLException {
        String[] addresses = (String[]) row.getArray("addresses").getArray();
        var parsed = new ArrayList<PrefixedAddress>(addresses.length);
        for (String address : addresses) {
            // inet omits the prefix length of a single address
            parsed.add(PrefixedAddress.parse(
                    address.indexOf('/') >= 0 ? address : address + (address.indexOf(':') >= 0 ? "/128" : "/32")));
        }
        return new Nic(row.getString("name"), parsed);
    }

    /// Reads a row with `network`, `address` and [#HOLDER].
    public static Allocation allocation(ResultSet row) throws SQLException {
        return new Allocation(
                row.getString("network"),
                Columns.address(row, "address"),
                row.getString("nic"),
                new PodRef(row.getString("pod_namespace"), row.getString("pod_name"), row.getString("pod_uid")),
                row.getString("container_id"),
                row.getString("if_name"),
                row.getString("pod_interface"));
    }
}
