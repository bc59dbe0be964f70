package io.multinic.agent.plan;

import io.multinic.contract.wire.PlanChange;
import java.util.Optional;

/// The last plan, stored on the node's disk.
public interface PlanCache {
    Optional<KnownPlan> load();

    /// The stored plan with networks and own blocks only; cheap, because peers are most of a plan.
    Optional<KnownPlan> loadWithoutPeers();

    /// Durable when it returns.
    void save(KnownPlan plan);

    /// Stores a plan that a change of the stored one led to; writes what has changed. Durable when it returns.
    void save(KnownPlan plan, PlanChange change);

    /// Deletes the plan. Durable when it returns.
    void forget();
}
