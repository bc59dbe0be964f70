package io.multinic.agent.kernel;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A route; a route read from the kernel equals the one that was written.
///
/// The kernel identifies a route by table, destination and priority. IPv6 has no priority 0: the kernel uses 1024
/// instead, and so does this record. The scope follows from type and next hops.
///
/// @param table 254 is main; any 32-bit number
/// @param protocol origin of the route: 2 kernel, 3 boot, 4 static; the agent has numbers of its own
/// @param nextHops one for an ordinary route, several for multipath, none for unreachable and similar types
public record Route(
        RouteType type,
        Cidr destination,
        int table,
        int protocol,
        int priority,
        List<NextHop> nextHops,
        @Nullable IpAddress preferredSource) {
    public static final int MAIN_TABLE = 254;
    private static final int IPV6_DEFAULT_PRIORITY = 1024;

    public Route {
        nextHops = List.copyOf(nextHops);
        if (type == RouteType.UNICAST && nextHops.isEmpty()) {
            throw new IllegalArgumentException("a unicast route to " + destination + " needs a next hop");
        }
        if (protocol < 0 || protocol > 255) {
            throw new IllegalArgumentException("protocol " + protocol + " is not within 0..255");
        }
        if (priority == 0
                && destination.family() == IpFamily.IPV6
                && type != RouteType.LOCAL
                && type != RouteType.ANYCAST) {
            priority = IPV6_DEFAULT_PRIORITY;
        }
    }

    /// An ordinary route or, with several next hops, a multipath route, in the main table.
    public static Route to(Cidr destination, int protocol, NextHop... nextHops) {
        return new Route(RouteType.UNICAST, destination, MAIN_TABLE, protocol, 0, List.of(nextHops), null);
    }

    /// A route that rejects packets as unreachable, so that they do not take a less specific route.
    public static Route unreachable(Cidr destination, int protocol) {
        return new Route(RouteType.UNREACHABLE, destination, MAIN_TABLE, protocol, 0, List.of(), null);
    }

    /// A `throw` route: packets continue with the tables of later rules.
    public static Route elsewhere(Cidr destination, int protocol) {
        return new Route(RouteType.THROW, destination, MAIN_TABLE, protocol, 0, List.of(), null);
    }

    public Route inTable(int number) {
        return new Route(type, destination, number, protocol, priority, nextHops, preferredSource);
    }

    public Route withPriority(int metric) {
        return new Route(type, destination, table, protocol, metric, nextHops, preferredSource);
    }

    public Route from(IpAddress source) {
        return new Route(type, destination, table, protocol, priority, nextHops, source);
    }

    @Override
    public String toString() {
        return (type == RouteType.UNICAST ? "" : type.name().toLowerCase(Locale.ROOT) + " ") + destination
                + nextHops.stream().map(hop -> " " + hop).collect(Collectors.joining())
                + (preferredSource == null ? "" : " src " + preferredSource)
                + " table " + Integer.toUnsignedString(table) + " proto " + protocol
                + (priority == 0 ? "" : " metric " + priority);
    }
}
