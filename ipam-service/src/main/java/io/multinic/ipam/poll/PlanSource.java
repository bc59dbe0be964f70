package io.multinic.ipam.poll;

import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
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
    PlanUpdate wholePlan(Known known);

    /// For those whose node is known, in a few queries however many they are.
    Map<Known, News> news(Collection<Known> known);
}
