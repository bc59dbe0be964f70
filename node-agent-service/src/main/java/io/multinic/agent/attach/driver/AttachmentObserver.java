package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.state.Deviation;
import io.multinic.agent.attach.state.HostDeviations;
import io.multinic.agent.attach.state.ObservedHost;
import io.multinic.agent.attach.state.ObservedPod;
import io.multinic.agent.attach.state.PodDeviations;
import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.contract.address.IpFamily;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Observes the state of attachments in the kernel and compares it with their plans.
public final class AttachmentObserver {
    private final Kernel kernel;
    private final NetworkStack host;

    /// @param host the namespace of the NICs
    AttachmentObserver(Kernel kernel, NetworkStack host) {
        this.kernel = kernel;
        this.host = host;
    }

    /// All deviations of one attachment, in the order of repair.
    ///
    /// @param interfaces those of the plan, with their addresses
    List<Deviation> deviations(AttachmentPlan plan, List<PodInterface> interfaces, OpenSandbox sandbox) {
        ObservedPod pod = pod(sandbox);
        List<Deviation> found = new ArrayList<>(PodDeviations.of(plan, interfaces, pod));
        if (plan.driver() instanceof DriverConfig.RoutedVeth veth) {
            found.addAll(HostDeviations.of(veth.table(), interfaces, host(interfaces, true), pod));
        }
        return found;
    }

    private static ObservedPod pod(OpenSandbox sandbox) {
        List<Route> routes = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            routes.addAll(sandbox.stack().routes(RouteFilter.all(family)));
        }
        return new ObservedPod(sandbox.stack().links(), sandbox.stack().addresses(), routes);
    }

    /// The node's side of routed veth pairs.
    ///
    /// @param interfaces the pairs
    /// @param neighbours false to leave them out, since each host end takes two requests
    public ObservedHost host(Collection<PodInterface> interfaces, boolean neighbours) {
        List<Link> links = host.links();
        Set<String> names = new HashSet<>();
        interfaces.forEach(podInterface -> names.addAll(List.of(podInterface.nic(), podInterface.hostEnd())));
        Map<Integer, Map<Ipv4Setting, Integer>> settings = new HashMap<>();
        Set<Neighbour> permanent = new HashSet<>();
        for (Link link : links) {
            if (names.contains(link.name())) {
                settings.put(link.index(), settings(link.index()));
                if (neighbours) {
                    permanent.addAll(host.neighbours(link.index()));
                }
            }
        }
        Set<Route> routes = new HashSet<>();
        for (IpFamily family : IpFamily.values()) {
            routes.addAll(host.routes(RouteFilter.all(family).protocol(TableNumbers.POD_PROTOCOL)));
        }
        boolean ipv6 = interfaces.stream().anyMatch(podInterface -> podInterface.has(IpFamily.IPV6));
        return new ObservedHost(links, host.addresses(), routes, settings, permanent, !ipv6 || forwardsIpv6());
    }

    /// Empty for a link that was removed after it was listed.
    private Map<Ipv4Setting, Integer> settings(int link) {
        try {
            return host.ipv4Settings(link);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENODEV) {
                return Map.of();
            }
            throw e;
        }
    }

    private boolean forwardsIpv6() {
        try (var own = kernel.ownNamespace()) {
            return !own.sysctl(HostEnds.IPV6_FORWARDING).equals("0");
        }
    }
}
