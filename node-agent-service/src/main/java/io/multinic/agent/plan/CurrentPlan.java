package io.multinic.agent.plan;

import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.StatedBlock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The newest plan of this node; after a restart the last one on disk.
public interface CurrentPlan {
    /// Empty until the first plan was received.
    Optional<NodePlan> plan();

    /// Blocks of this node that the plan does not contain because their NICs are missing at present.
    List<StatedBlock> absent();

    /// Adds a listener that is called with each new plan, after it is on disk. The listener must not block.
    void onChange(Consumer<NodePlan> listener);

    /// The network of this name in the plan.
    default Optional<NetworkPlan> network(String name) {
        return plan().stream()
                .flatMap(plan -> plan.networks().stream())
                .filter(network -> network.network().name().equals(name))
                .findFirst();
    }
}
