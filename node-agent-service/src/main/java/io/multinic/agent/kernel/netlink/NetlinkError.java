package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import java.nio.ByteBuffer;

/// The error with which the kernel refuses a message.
///
/// @param errno positive
/// @param text the extended acknowledgement, empty if there was none
public record NetlinkError(int errno, String text) {
    private static final int ERROR_NUMBER = 4;

    /// Decodes the body of an NLMSG_ERROR; `flags` are those of its header.
    static NetlinkError read(ByteBuffer body, int flags) {
        int request = NLMSG_HEADER;
        if ((flags & NLM_F_CAPPED) == 0 && body.limit() >= ERROR_NUMBER + NLMSG_HEADER) {
            request = (body.getInt(ERROR_NUMBER) + 3) & ~3;
        }
        return read(body, flags, ERROR_NUMBER + request);
    }

    /// Decodes the body of the NLMSG_DONE of a dump.
    static NetlinkError readDone(ByteBuffer body, int flags) {
        return body.limit() < ERROR_NUMBER ? new NetlinkError(0, "") : read(body, flags, ERROR_NUMBER);
    }

    private static NetlinkError read(ByteBuffer body, int flags, int attributes) {
        String text = "";
        if ((flags & NLM_F_ACK_TLVS) != 0) {
            var attribute = LinkReader.attributes(body, attributes);
            while (attribute.next()) {
                if (attribute.type() == NLMSGERR_ATTR_MSG) {
                    text = attribute.text();
                }
            }
        }
        return new NetlinkError(-body.getInt(0), text);
    }
}
