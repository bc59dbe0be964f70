package io.multinic.contract.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Request of an agent to open a session: `POST /api/v1/nodes/{node}/session`, at each start, and when ipam-service
/// requires it (SESSION_NEEDED).
///
/// `storeId` identifies the agent's journal: a new one means that the disk was wiped. `confirmed` is its last event
/// that the ledger confirmed, 0 if none, absent from older agents; events up to it may have been deleted from the
/// journal. `live` lists the addresses that are held after the journal's last event. A ledger that has less than it
/// confirmed has lost events; then `live` takes precedence. `plan` states the blocks that the agent follows, absent
/// from older agents.
public record SessionRequest(
        String nodeUid,
        String storeId,
        @Nullable Long confirmed,
        List<Allocation> live,
        @Nullable PlanStatement plan) {
    public SessionRequest {
        live = List.copyOf(live);
    }

    /// Creates a request without a plan.
    public SessionRequest(String nodeUid, String storeId, @Nullable Long confirmed, List<Allocation> live) {
        this(nodeUid, storeId, confirmed, live, null);
    }
}
