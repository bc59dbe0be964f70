package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.RouteFilter;
import io.multinic.contract.address.IpFamily;
import java.nio.ByteBuffer;

/// Encodes queries. Fields that are not a filter are zero, as strict checking requires.
public final class Queries {
    private Queries() {}

    public static byte[] links() {
        return LinkWriter.message(RTM_GETLINK, NLM_F_DUMP, 0, 0, 0)
                .attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .finish();
    }

    public static byte[] link(int index) {
        return LinkWriter.message(RTM_GETLINK, 0, index, 0, 0)
                .attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .finish();
    }

    public static byte[] link(String name) {
        return LinkWriter.message(RTM_GETLINK, 0, 0, 0, 0)
                .attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .attributeText(IFLA_IFNAME, name)
                .finish();
    }

    public static byte[] addresses() {
        return new MessageWriter(RTM_GETADDR, NLM_F_DUMP).u32(AF_UNSPEC).u32(0).finish();
    }

    public static byte[] routes(RouteFilter filter) {
        var message = new MessageWriter(RTM_GETROUTE, NLM_F_DUMP)
                .u32(ChangeEncoder.family(filter.family()))
                .u8(RouteWriter.shortTable(filter.table()))
                .u8(filter.protocol())
                .u16(0)
                .u32(0);
        if (filter.table() != 0) {
            message.attributeU32(RTA_TABLE, filter.table());
        }
        if (filter.linkIndex() != 0) {
            message.attributeU32(RTA_OIF, filter.linkIndex());
        }
        return message.finish();
    }

    public static byte[] rules(IpFamily family) {
        return new MessageWriter(RTM_GETRULE, NLM_F_DUMP)
                .u32(ChangeEncoder.family(family))
                .u32(0)
                .u32(0)
                .finish();
    }

    public static byte[] neighbours(int linkIndex, boolean proxies) {
        return new MessageWriter(RTM_GETNEIGH, NLM_F_DUMP)
                .u32(AF_UNSPEC)
                .u32(0)
                .u16(0)
                .u8(proxies ? NTF_PROXY : 0)
                .u8(0)
                .attributeU32(NDA_IFINDEX, linkIndex)
                .finish();
    }

    public static byte[] assignNamespaceId(int descriptor) {
        return new MessageWriter(RTM_NEWNSID, 0)
                .u32(AF_UNSPEC)
                .attributeU32(NETNSA_NSID, -1)
                .attributeU32(NETNSA_FD, descriptor)
                .finish();
    }

    public static byte[] namespaceId(int descriptor) {
        return new MessageWriter(RTM_GETNSID, 0)
                .u32(AF_UNSPEC)
                .attributeU32(NETNSA_FD, descriptor)
                .finish();
    }

    /// Reads the answer to [#namespaceId].
    public static Integer readNamespaceId(ByteBuffer body) {
        var attributes = LinkReader.attributes(body, Integer.BYTES);
        while (attributes.next()) {
            if (attributes.type() == NETNSA_NSID) {
                return attributes.u32();
            }
        }
        return -1;
    }

    /// A message that the kernel only acknowledges.
    public static byte[] noop() {
        return new MessageWriter(NLMSG_NOOP, NLM_F_ACK).finish();
    }
}
