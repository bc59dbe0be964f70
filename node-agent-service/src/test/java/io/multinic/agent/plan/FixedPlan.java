package io.multinic.agent.plan;

import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.StatedBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A current plan that the test sets.
public final class FixedPlan implements CurrentPlan {
    private final List<Consumer<NodePlan>> listeners = new ArrayList<>();
    private volatile @Nullable NodePlan plan;
    private volatile List<StatedBlock> absent = List.of();

    /// @param absentBlocks blocks of the node that are not in the plan, since their NICs are missing
    public void set(NodePlan next, StatedBlock... absentBlocks) {
        plan = next;
        absent = List.of(absentBlocks);
        listeners.forEach(listener -> listener.accept(next));
    }

    @Override
    public Optional<NodePlan> plan() {
        return Optional.ofNullable(plan);
    }

    @Override
    public List<StatedBlock> absent() {
        return absent;
    }

    @Override
    public void onChange(Consumer<NodePlan> listener) {
        listeners.add(listener);
    }
}
