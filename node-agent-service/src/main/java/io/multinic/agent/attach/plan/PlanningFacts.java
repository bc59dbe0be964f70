package io.multinic.agent.attach.plan;

import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.agent.select.NicUse;
import io.multinic.agent.select.Topology;
import io.multinic.contract.wire.NodePlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The state of the node and of the cluster that an attachment is planned with.
///
/// @param plan empty as long as ipam-service has sent none
/// @param plannedNics the NICs for which the node has blocks
/// @param use of the NICs by live attachments, by name; empty if the policy does not compare it
/// @param topology empty if the policy does not compare it
public record PlanningFacts(
        Optional<NodePlan> plan,
        List<NodeNic> nics,
        PlannedNics plannedNics,
        Map<String, NicUse> use,
        DeviceClasses classes,
        Topology topology) {
    public PlanningFacts {
        nics = List.copyOf(nics);
        use = Map.copyOf(use);
    }
}
