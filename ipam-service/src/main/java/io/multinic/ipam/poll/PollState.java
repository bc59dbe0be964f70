package io.multinic.ipam.poll;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;

/// The plan that an agent knows: a revision counts the changes of the database that `history` names.
public record PollState(String node, long revision, String history) {
    /// The database may know less than that.
    public MultiNicException sessionNeeded() {
        return new MultiNicException(
                ErrorCode.SESSION_NEEDED,
                "node " + node + ": the database may have lost what the agent knows; open a session that states the"
                        + " node's blocks (POST /api/v1/nodes/" + node + "/session), then ask again");
    }
}
