package io.multinic.contract.wire;

import io.multinic.contract.address.IpAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Reserved addresses: an item of `GET /api/v1/networks/{name}/reservations`, see [ReservationRequest].
///
/// `held` is the number that pods hold now; a reservation does not release addresses.
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
