package io.multinic.agent.plan;

import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NodePlan;
import java.util.Optional;
import java.util.function.Consumer;

/// The newest plan that this node knows; after a restart the one it knew before.
public interface CurrentPlan {
    /// Empty until a plan has ever been received.
    Optional<NodePlan> plan();

    /// Called with each new plan, after it is on disk; must not block.
    void onChange(Consumer<NodePlan> listener);

    /// One network of the plan by its name.
    default Optional<NetworkPlan> network(String name) {
        return plan().stream()
                .flatMap(plan -> plan.networks().stream())
                .filter(network -> network.network().name().equals(name))
                .findFirst();
    }
}
