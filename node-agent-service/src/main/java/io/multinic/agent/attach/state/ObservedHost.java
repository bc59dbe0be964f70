package io.multinic.agent.attach.state;

import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The node's side of attachments at one moment.
///
/// @param podRoutes routes to single pods, of all tables
/// @param settings IPv4 settings by index of link, of the links that attachments use
/// @param neighbours permanent neighbours of the host ends
/// @param forwardsIpv6 true if the node forwards IPv6, or if no attachment needs it
public record ObservedHost(
        List<Link> links,
        List<InterfaceAddress> addresses,
        Set<Route> podRoutes,
        Map<Integer, Map<Ipv4Setting, Integer>> settings,
        Set<Neighbour> neighbours,
        boolean forwardsIpv6) {
    public ObservedHost {
        links = List.copyOf(links);
        addresses = List.copyOf(addresses);
        podRoutes = Set.copyOf(podRoutes);
        settings = Map.copyOf(settings);
        neighbours = Set.copyOf(neighbours);
    }

    Optional<Link> link(String name) {
        return links.stream().filter(link -> link.name().equals(name)).findFirst();
    }

    boolean has(InterfaceAddress address) {
        return addresses.stream().anyMatch(address::sameAs);
    }

    int setting(int linkIndex, Ipv4Setting setting) {
        return settings.getOrDefault(linkIndex, Map.of()).getOrDefault(setting, 0);
    }
}
