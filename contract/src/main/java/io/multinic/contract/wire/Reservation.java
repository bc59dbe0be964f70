package io.multinic.contract.wire;

import io.multinic.contract.address.IpAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Addresses that are kept back: an item of `GET /api/v1/networks/{name}/reservations`, see [ReservationRequest].
///
/// `held` is how many of them pods hold now; a reservation takes nothing from anybody.
public record Reservation(
        long id,
        String network,
        IpAddress first,
        IpAddress last,
        String reason,
        String owner,
        @Nullable String heldFor,
        Instant createdAt,
        String createdBy,
        long held) {}
