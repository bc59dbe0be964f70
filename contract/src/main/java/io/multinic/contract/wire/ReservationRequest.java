package io.multinic.contract.wire;

import io.multinic.contract.address.AddressRange;
import org.jspecify.annotations.Nullable;

/// Request to reserve addresses of a network: `POST /api/v1/networks/{name}/reservations`.
///
/// `range` is an address, a block or `first-last`; `owner` is the responsible person or team. `heldFor` is the
/// namespace, or `namespace/pod`, whose pods may request the addresses.
public record ReservationRequest(
        AddressRange range,
        String reason,
        String owner,
        @Nullable String heldFor) {}
