package io.multinic.agent.attach.state;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.plan.PodRoutes;
import io.multinic.agent.attach.plan.PodRoutes.Placed;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Compares a pod's interfaces, addresses and routes with the plan of its attachment, in the order of repair.
///
/// A missing interface hides the deviations of its addresses and routes: they follow from a comparison after it was
/// created. Additional addresses and routes belong to others. The addresses of an executed plugin belong to the plugin.
public final class PodDeviations {
    private static final int KERNEL_PROTOCOL = 2;

    /// Metric of the kernel's IPv6 routes to networks on a link.
    private static final int IPV6_PREFIX_METRIC = 256;

    private final AttachmentPlan plan;
    private final ObservedPod pod;
    private final boolean executed;
    private final boolean routedVeth;
    private final List<Deviation> found = new ArrayList<>();

    private PodDeviations(AttachmentPlan plan, ObservedPod pod) {
        this.plan = plan;
        this.pod = pod;
        this.executed = plan.driver() instanceof DriverConfig.Executed;
        this.routedVeth = plan.driver() instanceof DriverConfig.RoutedVeth;
    }

    /// @param interfaces those of the plan, with their addresses
    public static List<Deviation> of(AttachmentPlan plan, List<PodInterface> interfaces, ObservedPod pod) {
        return new PodDeviations(plan, pod).compare(interfaces);
    }

    private List<Deviation> compare(List<PodInterface> interfaces) {
        List<Placed> placed = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            Optional<Link> link = pod.link(podInterface.name());
            if (link.isEmpty()) {
                String text = "interface " + podInterface.name() + " is missing";
                found.add(executed ? Deviation.impossible(text) : Deviation.create(text, podInterface));
            } else if (!executed && !link.get().kind().equals(kind())) {
                found.add(Deviation.impossible("interface " + podInterface.name() + " is of kind '"
                        + link.get().kind() + "', not " + kind()));
            } else {
                compare(podInterface, link.get());
                placed.add(new Placed(podInterface, link.get().index()));
            }
        }
        if (placed.size() == interfaces.size()) {
            new PodRoutes(routedVeth, placed).routes(plan.routes()).forEach(this::compare);
        }
        return found;
    }

    private String kind() {
        return switch (plan.driver()) {
            case DriverConfig.Macvlan _ -> "macvlan";
            case DriverConfig.Ipvlan _ -> "ipvlan";
            case DriverConfig.RoutedVeth _ -> "veth";
            case DriverConfig.Executed _ -> "";
        };
    }

    private void compare(PodInterface podInterface, Link link) {
        if (executed) {
            return;
        }
        if (!link.up()) {
            found.add(Deviation.inPod(
                    "interface " + podInterface.name() + " is down", new Change.SetLinkUp(link.index(), true)));
        }
        for (PrefixedAddress address : podInterface.addresses()) {
            boolean throughHost = routedVeth && address.address().family() == IpFamily.IPV6;
            var onLink = InterfaceAddress.of(link.index(), address);
            if (!pod.has(onLink)) {
                found.add(Deviation.inPod(
                        "interface " + podInterface.name() + " lacks address " + address,
                        new Change.ReplaceAddress(throughHost ? onLink.withoutPrefixRoute() : onLink)));
            } else if (link.up() && !throughHost) {
                compare(prefixRoute(address, link.index()));
            }
        }
    }

    /// The route that the kernel adds with an address.
    private static Route prefixRoute(PrefixedAddress address, int link) {
        Route route = Route.to(address.network(), KERNEL_PROTOCOL, NextHop.dev(link));
        return address.address().family() == IpFamily.IPV4
                ? route.from(address.address())
                : route.withPriority(IPV6_PREFIX_METRIC);
    }

    private void compare(Route route) {
        if (!pod.has(route)) {
            found.add(Deviation.inPod("the pod lacks route " + route, new Change.ReplaceRoute(route)));
        }
    }
}
