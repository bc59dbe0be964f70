package io.multinic.agent.plan;

import io.multinic.contract.wire.PlanChange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A plan cache in memory whose disk may be full.
public final class FakePlanCache implements PlanCache {
    private volatile @Nullable KnownPlan plan;
    private volatile boolean full;

    public void full(boolean is) {
        full = is;
    }

    @Override
    public Optional<KnownPlan> load() {
        return Optional.ofNullable(plan);
    }

    @Override
    public void save(KnownPlan next) {
        if (full) {
            throw new IllegalStateException("no space left on device");
        }
        plan = next;
    }

    @Override
    public Optional<KnownPlan> loadWithoutPeers() {
        return load();
    }

    @Override
    public void save(KnownPlan next, PlanChange change) {
        save(next);
    }

    @Override
    public void forget() {
        if (full) {
            throw new IllegalStateException("no space left on device");
        }
        plan = null;
    }
}
