package io.multinic.contract.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Report of a node that contradicts the ledger: an item of `GET /api/v1/conflicts`.
///
/// `node`, `allocation` and `at` are from the report; `resolvedAt` is absent while the conflict is open. `holder` is
/// the present holder of the address, absent if there is none.
public record Conflict(
        long id,
        ConflictKind kind,
        String node,
        Allocation allocation,
        Instant at,
        @Nullable Instant resolvedAt,
        @Nullable AllocationInterval holder) {}
