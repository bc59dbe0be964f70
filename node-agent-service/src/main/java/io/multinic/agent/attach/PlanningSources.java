package io.multinic.agent.attach;

import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.PlannedNics;
import io.multinic.agent.attach.plan.PlanningFacts;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.select.NicUse;
import io.multinic.agent.select.Topology;
import java.util.Map;

/// Sources of the facts that attachments are planned with.
public record PlanningSources(CurrentPlan plan, NodeNics nics, SelectionSources selection) {
    /// The facts of this moment for one request. A NIC in another pod is named together with that pod.
    PlanningFacts facts(AttachRequest request, Map<String, NicUse> use, HostDevices hostDevices) {
        var known = nics.nics();
        var topology = request.nics().policy().needsTopology()
                ? selection.topology(request.pod().uid(), known)
                : Topology.NONE;
        return new PlanningFacts(
                plan.plan(),
                known,
                new PlannedNics(
                        plan.absent(),
                        nic -> nics.obstacle(nic)
                                .map(reason -> hostDevices.obstacle(nic).orElse(reason))),
                use,
                selection.deviceClasses(),
                topology);
    }
}
