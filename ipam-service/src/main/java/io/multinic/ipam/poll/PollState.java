package io.multinic.ipam.poll;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;

/// Plan that an agent has: `revision` belongs to the database incarnation `history`.
public record PollState(String node, long revision, String history) {
    /// Error for an agent that may have data that the database lost.
    public MultiNicException sessionNeeded() {
        return new MultiNicException(
                ErrorCode.SESSION_NEEDED,
                "node " + node + ": the database may have lost what the agent knows; open a session that states the"
                        + " node's blocks (POST /api/v1/nodes/" + node + "/session), then ask again");
    }
}
