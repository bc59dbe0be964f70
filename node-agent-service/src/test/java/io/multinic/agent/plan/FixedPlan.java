package io.multinic.agent.plan;

import io.multinic.contract.wire.NodePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A current plan that the test sets.
public final class FixedPlan implements CurrentPlan {
    private final List<Consumer<NodePlan>> listeners = new ArrayList<>();
    private volatile @Nullable NodePlan plan;

    public void set(NodePlan next) {
        plan = next;
        listeners.forEach(listener -> listener.accept(next));
    }

    @Override
    public Optional<NodePlan> plan() {
        return Optional.ofNullable(plan);
    }

    @Override
    public void onChange(Consumer<NodePlan> listener) {
        listeners.add(listener);
    }
}
