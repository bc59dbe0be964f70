package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_DELADDR;
import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_DELLINK;
import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_DELNETCONF;
import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_DELROUTE;
import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_NEWADDR;
import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_NEWLINK;
import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_NEWNETCONF;
import static io.multinic.agent.kernel.netlink.Rtnetlink.RTM_NEWROUTE;

import io.multinic.agent.kernel.NamespaceActivity;
import io.multinic.agent.kernel.NamespaceActivity.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Reads the kinds of the changes in a datagram of notifications, and no more: no content can be misunderstood.
public final class ActivityReader {
    private static final int ROUTE_PROTOCOL = 5;

    private ActivityReader() {}

    /// @param namespaceId see [NamespaceActivity]
    public static List<NamespaceActivity> read(ByteBuffer datagram, int namespaceId) {
        var activities = new ArrayList<NamespaceActivity>();
        var messages = new Messages(datagram);
        while (messages.next()) {
            switch (messages.type()) {
                case RTM_NEWLINK, RTM_DELLINK -> activities.add(new NamespaceActivity(namespaceId, Kind.LINK, 0));
                case RTM_NEWADDR, RTM_DELADDR -> activities.add(new NamespaceActivity(namespaceId, Kind.ADDRESS, 0));
                case RTM_NEWROUTE, RTM_DELROUTE ->
                    activities.add(new NamespaceActivity(namespaceId, Kind.ROUTE, protocol(messages.body())));
                case RTM_NEWNETCONF, RTM_DELNETCONF ->
                    activities.add(new NamespaceActivity(namespaceId, Kind.SETTING, 0));
                default -> {}
            }
        }
        return activities;
    }

    private static int protocol(ByteBuffer body) {
        return body.limit() > ROUTE_PROTOCOL ? Byte.toUnsignedInt(body.get(ROUTE_PROTOCOL)) : 0;
    }
}
