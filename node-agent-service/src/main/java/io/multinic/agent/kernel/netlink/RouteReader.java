package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteType;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the body of RTM_NEWROUTE and RTM_DELROUTE.
public final class RouteReader {
    private static final int HEADER = 12;
    private static final int SOURCE_LENGTH = 2;
    private static final int TOS = 3;
    private static final int NEXT_HOP_HEADER = 8;
    private static final RouteType[] TYPES = RouteType.values();

    private @Nullable IpAddress destination;
    private @Nullable IpAddress source;
    private @Nullable IpAddress gateway;
    private int link;
    private int priority;
    private int table;
    private final List<NextHop> hops = new ArrayList<>();

    private RouteReader() {}

    /// Null for families other than IP, for cached clones, for unknown types of routes, and for routes that select
    /// packets by source or type of service.
    public static @Nullable Route read(ByteBuffer body) {
        int family = body.get(0);
        int type = body.get(7);
        boolean cloned = (body.getInt(8) & RTM_F_CLONED) != 0;
        boolean otherKey = body.get(SOURCE_LENGTH) != 0 || (family == AF_INET && body.get(TOS) != 0);
        if ((family != AF_INET && family != AF_INET6) || cloned || otherKey || type < 1 || type > TYPES.length) {
            return null;
        }
        return new RouteReader().route(body, family, TYPES[type - 1]);
    }

    private @Nullable Route route(ByteBuffer body, int family, RouteType type) {
        table = Byte.toUnsignedInt(body.get(4));
        var attribute = LinkReader.attributes(body, HEADER);
        while (attribute.next()) {
            read(attribute);
        }
        if (hops.isEmpty() && link != 0) {
            hops.add(new NextHop(link, gateway, (body.getInt(8) & RTNH_F_ONLINK) != 0, 1));
        }
        boolean forwards = type.number() < RouteType.BLACKHOLE.number();
        if (type == RouteType.UNICAST && hops.isEmpty()) {
            return null;
        }
        IpAddress network = destination != null ? destination : IpAddress.of(new byte[family == AF_INET ? 4 : 16]);
        return new Route(
                type,
                new Cidr(network, Byte.toUnsignedInt(body.get(1))),
                table,
                Byte.toUnsignedInt(body.get(5)),
                priority,
                forwards ? hops : List.of(),
                source);
    }

    private void read(Attributes attribute) {
        switch (attribute.type()) {
            case RTA_DST -> destination = attribute.ipAddress();
            case RTA_PREFSRC -> source = attribute.ipAddress();
            case RTA_GATEWAY -> gateway = attribute.ipAddress();
            case RTA_VIA -> gateway = via(attribute.bytes());
            case RTA_OIF -> link = attribute.u32();
            case RTA_PRIORITY -> priority = attribute.u32();
            case RTA_TABLE -> table = attribute.u32();
            case RTA_MULTIPATH -> readHops(attribute.value());
            default -> {}
        }
    }

    private static IpAddress via(byte[] familyAndAddress) {
        return IpAddress.of(Arrays.copyOfRange(familyAndAddress, 2, familyAndAddress.length));
    }

    private void readHops(ByteBuffer multipath) {
        int at = 0;
        while (multipath.limit() - at >= NEXT_HOP_HEADER) {
            int length = Short.toUnsignedInt(multipath.getShort(at));
            if (length < NEXT_HOP_HEADER || length > multipath.limit() - at) {
                return;
            }
            IpAddress hopGateway = null;
            var attribute =
                    LinkReader.attributes(multipath.slice(at, length).order(multipath.order()), NEXT_HOP_HEADER);
            while (attribute.next()) {
                if (attribute.type() == RTA_GATEWAY) {
                    hopGateway = attribute.ipAddress();
                } else if (attribute.type() == RTA_VIA) {
                    hopGateway = via(attribute.bytes());
                }
            }
            boolean onLink = (multipath.get(at + 2) & RTNH_F_ONLINK) != 0;
            int weight = Byte.toUnsignedInt(multipath.get(at + 3)) + 1;
            hops.add(new NextHop(multipath.getInt(at + 4), hopGateway, onLink, weight));
            at += (length + 3) & ~3;
        }
    }
}
