package io.multinic.agent.kernel.netlink;

import java.nio.ByteBuffer;

/// A cursor over the netlink messages of one datagram; it ends at malformed data.
public final class Messages {
    private final ByteBuffer datagram;
    private int start;
    private int length;
    private int next;

    Messages(ByteBuffer datagram) {
        this.datagram = datagram;
    }

    boolean next() {
        int left = datagram.limit() - next;
        if (left < Rtnetlink.NLMSG_HEADER) {
            return false;
        }
        start = next;
        length = datagram.getInt(start);
        if (length < Rtnetlink.NLMSG_HEADER || length > left) {
            return false;
        }
        next = start + ((length + 3) & ~3);
        return true;
    }

    int type() {
        return Short.toUnsignedInt(datagram.getShort(start + 4));
    }

    int flags() {
        return Short.toUnsignedInt(datagram.getShort(start + 6));
    }

    int sequence() {
        return datagram.getInt(start + 8);
    }

    ByteBuffer body() {
        return datagram.slice(start + Rtnetlink.NLMSG_HEADER, length - Rtnetlink.NLMSG_HEADER)
                .order(datagram.order());
    }
}
