package io.multinic.agent.config;

import io.multinic.agent.address.SqliteJournal;
import io.multinic.agent.plan.PlanCache;
import io.multinic.contract.wire.NodePlan;
import java.util.Optional;

/// The last plan in the journal; here, since neither of the two should know the other.
record JournalPlanCache(SqliteJournal journal) implements PlanCache {
    @Override
    public Optional<NodePlan> load() {
        return journal.loadPlan();
    }

    @Override
    public void save(NodePlan plan) {
        journal.savePlan(plan);
    }
}
