package io.multinic.ipam.delivery;

import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import java.util.Collection;
import java.util.Map;

/// Plans and their revisions, as they are committed.
public interface PlanSource {
    /// The plan of the node, with the history of its revision.
    ///
    /// @throws io.multinic.contract.error.MultiNicException NODE_UNKNOWN, or SESSION_NEEDED
    PlanUpdate wholePlan(PollState known);

    /// For those whose node is known, in a few queries however many they are.
    Map<PollState, PollAnswer> answers(Collection<PollState> states);
}
