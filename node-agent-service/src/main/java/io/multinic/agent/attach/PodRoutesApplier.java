package io.multinic.agent.attach;

import io.multinic.agent.attach.PodRoutes.Placed;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.contract.address.IpFamily;
import java.util.ArrayList;
import java.util.List;

/// Puts the routes of an attachment into its pod, and looks whether they are there.
///
/// They go with their links, so nothing removes them.
final class PodRoutesApplier {
    private PodRoutesApplier() {}

    static void apply(RecordedAttachment recorded, OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<Change> changes = new ArrayList<>();
        routes(recorded, sandbox, interfaces).forEach(route -> changes.add(new Change.ReplaceRoute(route)));
        if (!changes.isEmpty()) {
            sandbox.stack().apply(changes);
        }
    }

    static List<String> missing(RecordedAttachment recorded, OpenSandbox sandbox, List<PodInterface> interfaces) {
        var wanted = routes(recorded, sandbox, interfaces);
        if (wanted.isEmpty()) {
            return List.of();
        }
        List<Route> present = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            present.addAll(sandbox.stack()
                    .routes(RouteFilter.all(family).table(Route.MAIN_TABLE).protocol(PodRoutes.PROTOCOL)));
        }
        return wanted.stream()
                .filter(route -> present.stream()
                        .noneMatch(found -> found.destination().equals(route.destination())
                                && found.nextHops().size() == route.nextHops().size()))
                .map(route -> "the pod lacks route " + route)
                .toList();
    }

    private static List<Route> routes(RecordedAttachment recorded, OpenSandbox sandbox, List<PodInterface> interfaces) {
        boolean ipv6BehindVeth = recorded.routedVeth()
                && interfaces.stream()
                        .flatMap(podInterface -> podInterface.addresses().stream())
                        .anyMatch(address -> address.address().family() == IpFamily.IPV6);
        if (recorded.routes().isEmpty() && !ipv6BehindVeth) {
            return List.of();
        }
        List<Placed> placed = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            sandbox.stack()
                    .link(podInterface.name())
                    .map(Link::index)
                    .ifPresent(index -> placed.add(new Placed(podInterface, index)));
        }
        return new PodRoutes(recorded.routedVeth(), placed).routes(recorded.routes());
    }
}
