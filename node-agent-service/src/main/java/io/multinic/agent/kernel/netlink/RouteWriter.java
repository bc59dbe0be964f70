package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import java.util.List;

/// Encodes messages about routes.
public final class RouteWriter {
    private static final int LARGEST_SHORT_TABLE = 255;

    private RouteWriter() {}

    static byte[] write(int type, int messageFlags, Route route) {
        List<NextHop> hops = route.nextHops();
        boolean onLink = hops.size() == 1 && hops.getFirst().onLink();
        var message = new MessageWriter(type, messageFlags)
                .u8(ChangeEncoder.family(route.destination().family()))
                .u8(route.destination().prefixLength())
                .u16(0)
                .u8(shortTable(route.table()))
                .u8(route.protocol())
                .u8(type == RTM_DELROUTE ? RT_SCOPE_NOWHERE : scope(route))
                .u8(route.type().number())
                .u32(onLink ? RTNH_F_ONLINK : 0);
        if (route.destination().prefixLength() > 0) {
            message.attribute(RTA_DST, route.destination().network().bytes());
        }
        if (hops.size() == 1) {
            gateway(message, route, hops.getFirst());
        }
        longTable(message, RTA_TABLE, route.table());
        if (route.priority() != 0) {
            message.attributeU32(RTA_PRIORITY, route.priority());
        }
        var source = route.preferredSource();
        if (source != null) {
            message.attribute(RTA_PREFSRC, source.bytes());
        }
        if (hops.size() == 1) {
            message.attributeU32(RTA_OIF, hops.getFirst().linkIndex());
        } else if (!hops.isEmpty()) {
            multipath(message, route);
        }
        return message.finish();
    }

    /// The table number if it fits into the one-byte field; else 0, and [#longTable] adds the attribute.
    static int shortTable(int table) {
        return Integer.compareUnsigned(table, LARGEST_SHORT_TABLE) <= 0 ? table : 0;
    }

    static void longTable(MessageWriter message, int attribute, int table) {
        if (shortTable(table) != table) {
            message.attributeU32(attribute, table);
        }
    }

    /// The scope that `ip route add` chooses; IPv6 has no scopes.
    private static int scope(Route route) {
        if (route.destination().family() == IpFamily.IPV6) {
            return RT_SCOPE_UNIVERSE;
        }
        return switch (route.type()) {
            case LOCAL -> RT_SCOPE_HOST;
            case BROADCAST, MULTICAST, ANYCAST -> RT_SCOPE_LINK;
            case UNICAST ->
                route.nextHops().stream().allMatch(hop -> hop.gateway() == null) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
            case BLACKHOLE, UNREACHABLE, PROHIBIT, THROW -> RT_SCOPE_UNIVERSE;
        };
    }

    private static void multipath(MessageWriter message, Route route) {
        int multipath = message.open(RTA_MULTIPATH);
        for (NextHop hop : route.nextHops()) {
            int mark = message.position();
            message.u16(0)
                    .u8(hop.onLink() ? RTNH_F_ONLINK : 0)
                    .u8(hop.weight() - 1)
                    .u32(hop.linkIndex());
            gateway(message, route, hop);
            message.close(mark);
        }
        message.close(multipath);
    }

    private static void gateway(MessageWriter message, Route route, NextHop hop) {
        IpAddress gateway = hop.gateway();
        if (gateway == null) {
            return;
        }
        if (gateway.family() == route.destination().family()) {
            message.attribute(RTA_GATEWAY, gateway.bytes());
        } else {
            int via = message.open(RTA_VIA);
            message.u16(ChangeEncoder.family(gateway.family()));
            for (byte octet : gateway.bytes()) {
                message.u8(octet);
            }
            message.close(via);
            message.align();
        }
    }
}
