package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.plan.PodRoutes;
import io.multinic.agent.attach.plan.PodRoutes.Placed;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.IpFamily;
import java.util.ArrayList;
import java.util.List;

/// Installs the routes of an attachment in its pod.
///
/// The kernel deletes the routes with their links, so nothing removes them.
public final class PodRoutesApplier {
    private PodRoutesApplier() {}

    public static void apply(AttachmentPlan plan, OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<Change> changes = new ArrayList<>();
        routes(plan, sandbox, interfaces).forEach(route -> changes.add(new Change.ReplaceRoute(route)));
        if (!changes.isEmpty()) {
            sandbox.stack().apply(changes);
        }
    }

    private static List<Route> routes(AttachmentPlan plan, OpenSandbox sandbox, List<PodInterface> interfaces) {
        boolean routedVeth = plan.driver() instanceof DriverConfig.RoutedVeth;
        boolean ipv6BehindVeth =
                routedVeth && interfaces.stream().anyMatch(podInterface -> podInterface.has(IpFamily.IPV6));
        if (plan.routes().isEmpty() && !ipv6BehindVeth) {
            return List.of();
        }
        List<Placed> placed = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            sandbox.stack()
                    .link(podInterface.name())
                    .map(Link::index)
                    .ifPresent(index -> placed.add(new Placed(podInterface, index)));
        }
        return new PodRoutes(routedVeth, placed).routes(plan.routes());
    }
}
