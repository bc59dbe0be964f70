package io.multinic.agent.journal;

import io.multinic.agent.journal.SqliteSession.Row;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Conversion between values and columns.
final class AddressColumns {
    /// Columns in the order in which [#allocation] reads them.
    static final String ALLOCATION = """
            a.network, a.address, a.nic, t.pod_namespace, t.pod_name, t.pod_uid, a.container_id, a.if_name, \
            a.pod_interface FROM allocation a JOIN attachment t USING (container_id, if_name)""";

    private AddressColumns() {}

    static Allocation allocation(Row row) {
        return new Allocation(
                row.text(1),
                IpAddress.of(row.bytes(2)),
                row.text(3),
                new PodRef(row.text(4), row.text(5), row.text(6)),
                row.text(7),
                row.text(8),
                row.text(9));
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
