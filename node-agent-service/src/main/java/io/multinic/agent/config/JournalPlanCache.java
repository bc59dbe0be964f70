package io.multinic.agent.config;

import io.multinic.agent.address.SavedPlan;
import io.multinic.agent.address.SqliteJournal;
import io.multinic.agent.plan.KnownPlan;
import io.multinic.agent.plan.PlanCache;
import java.util.Optional;

/// The last plan in the journal; here, since neither of the two should know the other.
record JournalPlanCache(SqliteJournal journal) implements PlanCache {
    @Override
    public Optional<KnownPlan> load() {
        return journal.loadPlan().map(saved -> new KnownPlan(saved.plan(), saved.history(), saved.absent()));
    }

    @Override
    public void save(KnownPlan plan) {
        journal.savePlan(new SavedPlan(plan.plan(), plan.history(), plan.absent()));
    }

    @Override
    public void forget() {
        journal.forgetPlan();
    }
}
