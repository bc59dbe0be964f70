package io.multinic.contract.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Events in the order of their sequence: `POST /api/v1/nodes/{node}/ledger`. Sending a batch again has no effect. A
/// batch without events reports only `asOf` and `planRevision`.
///
/// @param asOf moment up to which the journal is complete: it has, and will get, no earlier event that is not in this
///     batch or in the ledger; absent if there are more events than in this batch, or from an older agent
/// @param planRevision revision of the plan that the node's routes were last reconciled with; absent if there is none
///     yet, or from an older agent
public record LedgerBatch(
        String nodeUid,
        long epoch,
        List<LedgerEvent> events,
        @Nullable Instant asOf,
        @Nullable Long planRevision) {
    public LedgerBatch {
        events = List.copyOf(events);
    }

    /// Creates a batch without `asOf` and `planRevision`.
    public LedgerBatch(String nodeUid, long epoch, List<LedgerEvent> events) {
        this(nodeUid, epoch, events, null, null);
    }
}
