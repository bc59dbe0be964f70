package io.multinic.ipam.delivery;

import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import java.util.Collection;
import java.util.Map;

/// Source of committed plans and changes.
public interface PlanSource {
    /// Whole plan of the node, with the incarnation that its revision belongs to.
    ///
    /// @throws io.multinic.contract.error.MultiNicException NODE_UNKNOWN, or SESSION_NEEDED
    PlanUpdate wholePlan(PollState known);

    /// Answers for all states whose node is known, by a constant number of queries.
    Map<PollState, PollAnswer> answers(Collection<PollState> states);
}
