package io.multinic.agent.plan;

import java.util.Optional;

/// The last plan, stored on the node's disk.
public interface PlanCache {
    Optional<KnownPlan> load();

    /// Durable when it returns.
    void save(KnownPlan plan);

    /// Deletes the plan. Durable when it returns.
    void forget();
}
