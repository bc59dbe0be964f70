package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NewLink;

/// Encodes messages about links.
public final class LinkWriter {
    private LinkWriter() {}

    /// A message that starts with an `ifinfomsg`.
    public static MessageWriter message(int type, int messageFlags, int index, int flags, int change) {
        return linkHeader(new MessageWriter(type, messageFlags), index, flags, change);
    }

    /// Starts a change of the link with this index. RTM_NEWLINK without NLM_F_CREATE does not create a link.
    static MessageWriter edit(int index) {
        return message(RTM_NEWLINK, 0, index, 0, 0);
    }

    /// Deletes all links of a group, as `ip link del group`.
    public static byte[] deleteGroup(int group) {
        return message(RTM_DELLINK, 0, 0, 0, 0).attributeU32(IFLA_GROUP, group).finish();
    }

    static byte[] add(NewLink link) {
        var message = new MessageWriter(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        switch (link) {
            case NewLink.Macvlan macvlan -> {
                end(message, macvlan.end(), macvlan.parentIndex());
                int info = openInfo(message, link);
                int data = message.open(IFLA_INFO_DATA);
                message.attributeU32(IFLA_MACVLAN_MODE, macvlan.mode().number());
                message.close(data).close(info);
            }
            case NewLink.Ipvlan ipvlan -> {
                end(message, ipvlan.end(), ipvlan.parentIndex());
                int info = openInfo(message, link);
                int data = message.open(IFLA_INFO_DATA);
                message.attributeU16(IFLA_IPVLAN_MODE, ipvlan.mode().number());
                message.close(data).close(info);
            }
            case NewLink.Veth veth -> {
                end(message, veth.end(), 0);
                int info = openInfo(message, link);
                int data = message.open(IFLA_INFO_DATA);
                int peer = message.open(VETH_INFO_PEER);
                end(message, veth.peer(), 0);
                message.close(peer).close(data).close(info);
            }
        }
        return message.finish();
    }

    private static int openInfo(MessageWriter message, NewLink link) {
        int info = message.open(IFLA_LINKINFO);
        message.attributeBareText(IFLA_INFO_KIND, link.kind());
        return info;
    }

    private static void end(MessageWriter message, LinkEnd end, int parentIndex) {
        linkHeader(message, 0, end.up() ? IFF_UP : 0, end.up() ? IFF_UP : 0);
        var namespace = end.namespace();
        if (namespace != null) {
            message.attributeU32(IFLA_NET_NS_FD, namespace.descriptor());
        }
        if (end.mtu() != 0) {
            message.attributeU32(IFLA_MTU, end.mtu());
        }
        var address = end.address();
        if (address != null) {
            message.attribute(IFLA_ADDRESS, address.bytes());
        }
        if (end.group() != 0) {
            message.attributeU32(IFLA_GROUP, end.group());
        }
        if (parentIndex != 0) {
            message.attributeU32(IFLA_LINK, parentIndex);
        }
        message.attributeText(IFLA_IFNAME, end.name());
    }

    private static MessageWriter linkHeader(MessageWriter message, int index, int flags, int change) {
        return message.u32(AF_UNSPEC).u32(index).u32(flags).u32(change);
    }
}
