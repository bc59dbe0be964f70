package io.multinic.contract.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An agent says who it is and what it holds: `POST /api/v1/nodes/{node}/session`, at each start, and when ipam-service
/// asks for it (SESSION_NEEDED).
///
/// `storeId` names the agent's journal: a new one means that the disk was wiped. `confirmed` is the last event of it
/// that the ledger confirmed, 0 if none, absent if the agent cannot say; events up to there may be gone from the
/// journal. `live` is what is held after the journal's last event. A ledger that has less than it confirmed has lost
/// events: then what the agent states as live wins. `plan` are the blocks that the agent goes by, absent if it cannot
/// say.
public record SessionRequest(
        String nodeUid,
        String storeId,
        @Nullable Long confirmed,
        List<Allocation> live,
        @Nullable PlanStatement plan) {
    public SessionRequest {
        live = List.copyOf(live);
    }

    /// Of an agent that does not say which blocks it has.
    public SessionRequest(String nodeUid, String storeId, @Nullable Long confirmed, List<Allocation> live) {
        this(nodeUid, storeId, confirmed, live, null);
    }
}
