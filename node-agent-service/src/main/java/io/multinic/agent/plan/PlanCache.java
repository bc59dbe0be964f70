package io.multinic.agent.plan;

import java.util.Optional;

/// The last plan, kept on the node's disk.
public interface PlanCache {
    Optional<KnownPlan> load();

    /// Durable when it returns.
    void save(KnownPlan plan);

    /// There is no plan any more. Durable when it returns.
    void forget();
}
