package io.multinic.contract.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Events in the order of their sequence: `POST /api/v1/nodes/{node}/ledger`. Sending a batch again does nothing. One
/// without events says only how far the agent is.
///
/// @param asOf the journal has no event from before this moment that is not in this batch or in the ledger, and gets
///     none any more; absent if there are more events than in this batch, or the agent cannot say
/// @param planRevision of the plan that the node's routes were last brought in line with; absent if there is none yet,
///     or the agent cannot say
public record LedgerBatch(
        String nodeUid,
        long epoch,
        List<LedgerEvent> events,
        @Nullable Instant asOf,
        @Nullable Long planRevision) {
    public LedgerBatch {
        events = List.copyOf(events);
    }

    /// Of an agent that says nothing but its events.
    public LedgerBatch(String nodeUid, long epoch, List<LedgerEvent> events) {
        this(nodeUid, epoch, events, null, null);
    }
}
