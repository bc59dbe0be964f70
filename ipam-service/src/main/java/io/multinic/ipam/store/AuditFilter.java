package io.multinic.ipam.store;

import org.jspecify.annotations.Nullable;

/// What an audit asks for; absent means any.
public record AuditFilter(
        @Nullable String network,
        @Nullable String node,
        @Nullable String namespace,
        @Nullable String pod,
        @Nullable Boolean open) {}
