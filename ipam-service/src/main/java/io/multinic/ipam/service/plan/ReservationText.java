package io.multinic.ipam.service.plan;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.Reservation;
import io.multinic.ipam.store.audit.AdminChange;
import java.util.HashMap;
import java.util.Map;

/// Descriptions of reservations, for error messages and the audit.
final class ReservationText {
    private ReservationText() {}

    static AddressRange range(Reservation reservation) {
        return new AddressRange(reservation.first(), reservation.last());
    }

    /// Id, range and owner.
    static String name(Reservation reservation) {
        return reservation.id() + " (" + range(reservation) + " of " + reservation.owner() + ")";
    }

    /// Audit details of a reservation that a caller made or removed.
    static Map<String, Object> details(Reservation reservation) {
        Map<String, Object> details = definition(reservation);
        details.put("held", reservation.held());
        return details;
    }

    /// Audit entry of a reservation that was deleted because its network was.
    static AdminChange removedWithNetwork(Reservation reservation, String caller) {
        return new AdminChange(
                caller,
                AuditAction.RESERVATION_REMOVED,
                reservation.network(),
                null,
                range(reservation).toString(),
                "the network was removed",
                definition(reservation));
    }

    private static Map<String, Object> definition(Reservation reservation) {
        Map<String, Object> details = new HashMap<>(Map.of(
                "id", reservation.id(),
                "reason", reservation.reason(),
                "owner", reservation.owner(),
                "createdBy", reservation.createdBy()));
        if (reservation.heldFor() != null) {
            details.put("heldFor", reservation.heldFor());
        }
        return details;
    }
}
