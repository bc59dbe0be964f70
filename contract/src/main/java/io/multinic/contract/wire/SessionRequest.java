package io.multinic.contract.wire;

import java.util.List;

/// An agent says who it is and what it holds: `POST /api/v1/nodes/{node}/session`, once at each start.
///
/// `storeId` names the agent's journal: a new one means that the disk was wiped. What it states as `live` wins.
public record SessionRequest(String nodeUid, String storeId, List<Allocation> live) {
    public SessionRequest {
        live = List.copyOf(live);
    }
}
