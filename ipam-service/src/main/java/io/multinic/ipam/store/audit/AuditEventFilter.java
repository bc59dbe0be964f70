package io.multinic.ipam.store.audit;

import io.multinic.contract.wire.AuditAction;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Filter of administrative changes; an absent field matches any.
///
/// @param from at this time or later
/// @param to before this time
public record AuditEventFilter(
        @Nullable AuditAction action,
        @Nullable String network,
        @Nullable String node,
        @Nullable String caller,
        @Nullable Instant from,
        @Nullable Instant to) {}
