package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.IpamRoute;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.plan.PodRoutes;
import io.multinic.agent.attach.plan.PodRoutes.Placed;
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
public final class PodRoutesApplier {
    private PodRoutesApplier() {}

    public static void apply(
            boolean routedVeth, List<IpamRoute> ipamRoutes, OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<Change> changes = new ArrayList<>();
        routes(routedVeth, ipamRoutes, sandbox, interfaces)
                .forEach(route -> changes.add(new Change.ReplaceRoute(route)));
        if (!changes.isEmpty()) {
            sandbox.stack().apply(changes);
        }
    }

    public static List<String> missing(
            boolean routedVeth, List<IpamRoute> ipamRoutes, OpenSandbox sandbox, List<PodInterface> interfaces) {
        var wanted = routes(routedVeth, ipamRoutes, sandbox, interfaces);
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

    private static List<Route> routes(
            boolean routedVeth, List<IpamRoute> ipamRoutes, OpenSandbox sandbox, List<PodInterface> interfaces) {
        boolean ipv6BehindVeth = routedVeth
                && interfaces.stream()
                        .flatMap(podInterface -> podInterface.addresses().stream())
                        .anyMatch(address -> address.address().family() == IpFamily.IPV6);
        if (ipamRoutes.isEmpty() && !ipv6BehindVeth) {
            return List.of();
        }
        List<Placed> placed = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            sandbox.stack()
                    .link(podInterface.name())
                    .map(Link::index)
                    .ifPresent(index -> placed.add(new Placed(podInterface, index)));
        }
        return new PodRoutes(routedVeth, placed).routes(ipamRoutes);
    }
}
