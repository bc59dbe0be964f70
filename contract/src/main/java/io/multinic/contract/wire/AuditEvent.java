package io.multinic.contract.wire;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Change with its caller: an item of `GET /api/v1/audit/actions`.
///
/// `caller` is the subject of the token, `anonymous` if no token is required. `object` is the object of the action
/// besides network and node: a node's UID, an address, a range. `details` depend on the action.
public record AuditEvent(
        long id,
        Instant at,
        String caller,
        AuditAction action,
        @Nullable String network,
        @Nullable String node,
        @Nullable String object,
        @Nullable String reason,
        Map<String, Object> details) {
    public AuditEvent {
        details = Map.copyOf(details);
    }
}
