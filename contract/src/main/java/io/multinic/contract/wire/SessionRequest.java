package io.multinic.contract.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An agent says who it is and what it holds: `POST /api/v1/nodes/{node}/session`, once at each start.
///
/// `storeId` names the agent's journal: a new one means that the disk was wiped. `confirmed` is the last event of it
/// that the ledger confirmed, 0 if none, absent if the agent cannot say; events up to there may be gone from the
/// journal. `live` is what is held after the journal's last event. A ledger that has less than it confirmed has lost
/// events: then what the agent states as live wins.
public record SessionRequest(
        String nodeUid, String storeId, @Nullable Long confirmed, List<Allocation> live) {
    public SessionRequest {
        live = List.copyOf(live);
    }
}
