package io.multinic.contract.wire;

import io.multinic.contract.address.AddressRange;
import org.jspecify.annotations.Nullable;

/// Keeps addresses of a network back from its pods: `POST /api/v1/networks/{name}/reservations`.
///
/// `range` is an address, a block or `first-last`; `owner` is who answers for it. `heldFor` is the namespace, or
/// `namespace/pod`, whose pods may have the addresses by asking for them.
public record ReservationRequest(
        AddressRange range,
        String reason,
        String owner,
        @Nullable String heldFor) {}
