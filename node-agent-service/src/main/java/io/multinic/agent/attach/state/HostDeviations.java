package io.multinic.agent.attach.state;

import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.plan.PodRoutes;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Compares the node's side of routed veth pairs with its desired state, in the order of repair.
///
/// It defines that state: each host end answers ARP for every address of the pod's interface block that the host can
/// route elsewhere (`proxy_arp`, without delay), forwards between the pair and the NIC, and has a route to the pod's
/// single address in the network's table. The pod's hardware address is a permanent neighbour: a host end has no IPv4
/// address, so the host would ask for it from an address of another link, and a pod with strict `rp_filter` does not
/// answer such requests.
public final class HostDeviations {
    /// Settings of a host end.
    public static final Map<Ipv4Setting, Integer> SETTINGS =
            Map.of(Ipv4Setting.PROXY_ARP, 1, Ipv4Setting.FORWARDING, 1, Ipv4Setting.SEND_REDIRECTS, 0);

    private final int table;
    private final ObservedHost host;
    private final List<Deviation> found = new ArrayList<>();

    private HostDeviations(int table, ObservedHost host) {
        this.table = table;
        this.host = host;
    }

    /// @param table of the routes to the pod
    /// @param pod the pod's side; null to compare only what does not depend on it
    public static List<Deviation> of(
            int table, List<PodInterface> interfaces, ObservedHost host, @Nullable ObservedPod pod) {
        var comparison = new HostDeviations(table, host);
        for (PodInterface podInterface : interfaces) {
            Optional<Link> podEnd = pod == null ? Optional.empty() : pod.link(podInterface.name());
            // The comparison of the pod reports a missing pair.
            if (pod == null || podEnd.isPresent()) {
                comparison.compare(podInterface, podEnd.map(Link::address));
            }
        }
        return comparison.found;
    }

    /// Routes of the host to the addresses of an interface.
    public static List<Route> routes(PodInterface podInterface, int hostEnd, int table) {
        return podInterface.addresses().stream()
                .map(PrefixedAddress::address)
                .map(address -> new Cidr(address, address.family().bits()))
                .map(pod -> Route.to(pod, TableNumbers.POD_PROTOCOL, NextHop.dev(hostEnd))
                        .inTable(table))
                .toList();
    }

    private void compare(PodInterface podInterface, Optional<HardwareAddress> hardware) {
        compareNic(podInterface);
        Optional<Link> hostEnd = host.link(podInterface.hostEnd());
        if (hostEnd.isEmpty()) {
            found.add(Deviation.impossible(
                    "host end " + podInterface.hostEnd() + " of " + podInterface.name() + " is missing"));
            return;
        }
        Link end = hostEnd.get();
        String name = "host end " + end.name() + " of " + podInterface.name();
        if (!end.up()) {
            found.add(Deviation.onHost(name + " is down", new Change.SetLinkUp(end.index(), true)));
        }
        compareSettings(end, name);
        var linkLocal = InterfaceAddress.of(end.index(), PodRoutes.HOST_END);
        if (podInterface.has(IpFamily.IPV6) && !host.has(linkLocal)) {
            found.add(Deviation.onHost(
                    name + " lacks address " + linkLocal.address(), new Change.ReplaceAddress(linkLocal)));
        }
        for (Route route : routes(podInterface, end.index(), table)) {
            if (!host.podRoutes().contains(route)) {
                found.add(Deviation.onHost("the host lacks route " + route, new Change.ReplaceRoute(route)));
            }
        }
        hardware.ifPresent(address -> compareNeighbours(podInterface, end, address));
    }

    private void compareNic(PodInterface podInterface) {
        Optional<Link> nic = host.link(podInterface.nic());
        if (nic.isEmpty()) {
            found.add(Deviation.impossible("NIC " + podInterface.nic() + " is missing; bring it back"));
        } else if (podInterface.has(IpFamily.IPV4) && host.setting(nic.get().index(), Ipv4Setting.FORWARDING) == 0) {
            found.add(Deviation.forward("NIC " + podInterface.nic() + " does not forward IPv4", podInterface));
        }
        if (podInterface.has(IpFamily.IPV6) && !host.forwardsIpv6()) {
            found.add(Deviation.forward("the host does not forward IPv6", podInterface));
        }
    }

    private void compareSettings(Link end, String name) {
        Map<Ipv4Setting, Integer> wrong = new LinkedHashMap<>();
        SETTINGS.forEach((setting, value) -> {
            if (host.setting(end.index(), setting) != value) {
                wrong.put(setting, value);
            }
        });
        if (!wrong.isEmpty()) {
            found.add(Deviation.onHost(
                    name + " lacks settings " + wrong,
                    new Change.SetIpv4(end.index(), wrong),
                    new Change.SetProxyDelay(end.index(), Duration.ZERO)));
        }
    }

    private void compareNeighbours(PodInterface podInterface, Link end, HardwareAddress hardware) {
        for (PrefixedAddress address : podInterface.addresses()) {
            var neighbour = Neighbour.permanent(end.index(), address.address(), hardware);
            if (address.address().family() == IpFamily.IPV4
                    && !host.neighbours().contains(neighbour)) {
                found.add(Deviation.onHost("the host lacks " + neighbour, new Change.ReplaceNeighbour(neighbour)));
            }
        }
    }
}
