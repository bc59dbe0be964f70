package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.KernelEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Decodes a datagram of notifications into events; notifications that cannot be read are omitted.
public final class EventReader {
    private EventReader() {}

    public static List<KernelEvent> read(ByteBuffer datagram, Unreadable unreadable) {
        var events = new ArrayList<KernelEvent>();
        var messages = new Messages(datagram);
        while (messages.next()) {
            int type = messages.type();
            NetlinkConversation.Reader<KernelEvent> reader = body -> event(type, body);
            KernelEvent event = reader.readOrSkip(type, messages.body(), unreadable);
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    private static @Nullable KernelEvent event(int type, ByteBuffer body) {
        return switch (type) {
            case RTM_NEWLINK -> linkEvent(body, false);
            case RTM_DELLINK -> linkEvent(body, true);
            case RTM_NEWADDR -> map(AddressReader.read(body), KernelEvent.AddressChanged::new);
            case RTM_DELADDR -> map(AddressReader.read(body), KernelEvent.AddressRemoved::new);
            case RTM_NEWROUTE -> map(RouteReader.read(body), KernelEvent.RouteChanged::new);
            case RTM_DELROUTE -> map(RouteReader.read(body), KernelEvent.RouteRemoved::new);
            case RTM_NEWRULE -> map(RuleReader.read(body), KernelEvent.RuleAdded::new);
            case RTM_DELRULE -> map(RuleReader.read(body), KernelEvent.RuleRemoved::new);
            default -> null;
        };
    }

    /// Ignores notifications of family AF_BRIDGE: a bridge uses the same messages for its ports, and a removed port
    /// still exists as a link.
    private static @Nullable KernelEvent linkEvent(ByteBuffer body, boolean removed) {
        if (body.get(0) != AF_UNSPEC) {
            return null;
        }
        var link = LinkReader.read(body);
        return removed ? new KernelEvent.LinkRemoved(link) : new KernelEvent.LinkChanged(link);
    }

    private static <T> @Nullable KernelEvent map(@Nullable T value, Function<T, KernelEvent> event) {
        return value == null ? null : event.apply(value);
    }
}
