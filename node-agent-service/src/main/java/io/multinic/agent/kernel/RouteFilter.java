package io.multinic.agent.kernel;

import io.multinic.contract.address.IpFamily;

/// Filter of a route list, evaluated by the kernel.
///
/// @param table 0 for every table
/// @param protocol 0 for every protocol
/// @param linkIndex 0 for every link
public record RouteFilter(IpFamily family, int table, int protocol, int linkIndex) {
    public static RouteFilter all(IpFamily family) {
        return new RouteFilter(family, 0, 0, 0);
    }

    public RouteFilter table(int number) {
        return new RouteFilter(family, number, protocol, linkIndex);
    }

    public RouteFilter protocol(int number) {
        return new RouteFilter(family, table, number, linkIndex);
    }

    public RouteFilter link(int index) {
        return new RouteFilter(family, table, protocol, index);
    }

    /// True if the route matches the filter.
    public boolean accepts(Route route) {
        return route.destination().family() == family
                && (table == 0 || route.table() == table)
                && (protocol == 0 || route.protocol() == protocol)
                && (linkIndex == 0 || route.nextHops().stream().anyMatch(hop -> hop.linkIndex() == linkIndex));
    }
}
