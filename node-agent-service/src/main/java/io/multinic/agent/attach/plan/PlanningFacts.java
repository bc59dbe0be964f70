package io.multinic.agent.attach.plan;

import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.contract.wire.NodePlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The state of the node and of the cluster that an attachment is planned with.
///
/// @param plan empty as long as ipam-service has sent none
/// @param plannedNics the NICs for which the node has blocks
/// @param reservedMbps the bandwidth that live attachments have reserved, by NIC
public record PlanningFacts(
        Optional<NodePlan> plan,
        List<NodeNic> nics,
        PlannedNics plannedNics,
        Map<String, Long> reservedMbps,
        DeviceClasses classes) {
    public PlanningFacts {
        nics = List.copyOf(nics);
        reservedMbps = Map.copyOf(reservedMbps);
    }
}
