package io.multinic.ipam.store.audit;

import io.multinic.contract.wire.AuditAction;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Which changes are asked for; absent means any.
///
/// @param from at this moment or later
/// @param to before this moment
public record AuditEventFilter(
        @Nullable AuditAction action,
        @Nullable String network,
        @Nullable String node,
        @Nullable String caller,
        @Nullable Instant from,
        @Nullable Instant to) {}
