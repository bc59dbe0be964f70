package io.multinic.agent.plan;

import io.multinic.contract.wire.NodePlan;
import java.util.Optional;

/// The last plan, kept on the node's disk.
public interface PlanCache {
    Optional<NodePlan> load();

    /// Durable when it returns.
    void save(NodePlan plan);
}
