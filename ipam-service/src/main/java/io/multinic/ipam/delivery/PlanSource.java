package io.multinic.ipam.delivery;

import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import java.util.Collection;
import java.util.Map;

/// Plans and their revisions, as they are committed.
public interface PlanSource {
    /// @throws io.multinic.contract.error.MultiNicException NODE_UNKNOWN
    long revision(String node);

    /// Of those nodes that are known.
    Map<String, Long> revisions(Collection<String> nodes);

    /// @throws io.multinic.contract.error.MultiNicException NODE_UNKNOWN
    NodePlan plan(String node);

    /// The plan of the node, with the history of its revision.
    ///
    /// @throws io.multinic.contract.error.MultiNicException NODE_UNKNOWN, or SESSION_NEEDED
    PlanUpdate wholePlan(PollState known);

    /// For those whose node is known, in a few queries however many they are.
    Map<PollState, PollAnswer> news(Collection<PollState> known);
}
