package io.multinic.agent.attach.state;

import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Route;
import java.util.List;
import java.util.Optional;

/// Links, addresses and routes of a pod's namespace at one moment.
///
/// @param routes of all tables: a chained plugin such as `sbr` moves routes to another table
public record ObservedPod(List<Link> links, List<InterfaceAddress> addresses, List<Route> routes) {
    public ObservedPod {
        links = List.copyOf(links);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    Optional<Link> link(String name) {
        return links.stream().filter(link -> link.name().equals(name)).findFirst();
    }

    boolean has(InterfaceAddress address) {
        return addresses.stream().anyMatch(address::sameAs);
    }

    /// True if a route of any table leads to the same destination over the same links; metrics may differ.
    boolean has(Route wanted) {
        return routes.stream()
                .anyMatch(route -> route.destination().equals(wanted.destination())
                        && route.type() == wanted.type()
                        && links(route).equals(links(wanted)));
    }

    private static List<Integer> links(Route route) {
        return route.nextHops().stream().map(hop -> hop.linkIndex()).sorted().toList();
    }
}
