package io.multinic.agent.attach.plan;

import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Computes the routes of a pod in addition to those that the kernel adds for its addresses; pure.
///
/// IPv4 behind a routed veth needs none: the interface block is on-link and the host answers ARP for all of it. IPv6
/// has no such proxy for whole prefixes (`proxy_ndp` takes single addresses), so the interface block is routed through
/// the host end, which has the same link-local address in every pair.
public final class PodRoutes {
    /// RTPROT_STATIC.
    public static final int PROTOCOL = 4;

    /// The host end of every routed veth; each pair is a link of its own, so one address serves all.
    public static final PrefixedAddress HOST_END = PrefixedAddress.parse("fe80::1/64");

    private final boolean behindRoutedVeth;
    private final List<Placed> interfaces;

    public PodRoutes(boolean behindRoutedVeth, List<Placed> interfaces) {
        this.behindRoutedVeth = behindRoutedVeth;
        this.interfaces = List.copyOf(interfaces);
    }

    /// An interface and the index of its link.
    public record Placed(PodInterface podInterface, int linkIndex) {}

    /// Routes of the driver first, then those of the network's `ipam`, which may depend on them.
    public List<Route> routes(List<IpamRoute> wanted) {
        List<Route> routes = new ArrayList<>();
        if (behindRoutedVeth) {
            for (Placed placed : interfaces) {
                placed.podInterface().addresses().stream()
                        .map(PrefixedAddress::network)
                        .filter(network -> network.family() == IpFamily.IPV6)
                        .map(network -> Route.to(network, PROTOCOL, throughHostEnd(placed)))
                        .forEach(routes::add);
            }
        }
        Map<Cidr, List<NextHop>> hops = new LinkedHashMap<>();
        for (IpamRoute route : wanted) {
            hops.computeIfAbsent(route.dst(), dst -> new ArrayList<>()).addAll(hops(route));
        }
        hops.forEach((dst, nextHops) -> {
            if (!nextHops.isEmpty()) {
                routes.add(Route.to(dst, PROTOCOL, nextHops.toArray(NextHop[]::new)));
            }
        });
        return routes;
    }

    private static NextHop throughHostEnd(Placed placed) {
        return NextHop.via(HOST_END.address(), placed.linkIndex());
    }

    private List<NextHop> hops(IpamRoute route) {
        List<NextHop> hops = new ArrayList<>();
        for (Placed placed : interfaces) {
            NextHop hop = hop(route, placed);
            if (hop != null) {
                hops.add(hop);
            }
        }
        return hops;
    }

    private @Nullable NextHop hop(IpamRoute route, Placed placed) {
        IpAddress gateway = route.gw();
        if (behindRoutedVeth && route.dst().family() == IpFamily.IPV6) {
            return gateway == null || reaches(placed, gateway) ? throughHostEnd(placed) : null;
        }
        if (gateway == null) {
            return NextHop.dev(placed.linkIndex());
        }
        return reaches(placed, gateway)
                ? NextHop.via(gateway, placed.linkIndex()).onLinkGateway()
                : null;
    }

    private static boolean reaches(Placed placed, IpAddress gateway) {
        return placed.podInterface().nicNet().contains(gateway)
                || placed.podInterface().addresses().stream()
                        .anyMatch(address -> address.network().contains(gateway));
    }
}
