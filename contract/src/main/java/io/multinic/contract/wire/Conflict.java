package io.multinic.contract.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a node said and the ledger cannot hold as true: an item of `GET /api/v1/conflicts`.
///
/// `node` and `allocation` are what it said, `at` is when; `resolvedAt` is absent as long as it matters. `holder` is
/// who holds the address now, absent if nobody does.
public record Conflict(
        long id,
        ConflictKind kind,
        String node,
        Allocation allocation,
        Instant at,
        @Nullable Instant resolvedAt,
        @Nullable AllocationInterval holder) {}
