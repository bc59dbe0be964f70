package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.contract.address.IpAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads the body of RTM_NEWNEIGH.
public final class NeighbourReader {
    private static final int HEADER = 12;
    private static final int INDEX = 4;
    private static final int STATE = 8;
    private static final int FLAGS = 10;

    private NeighbourReader() {}

    /// Null for families other than IP and for learned entries.
    public static @Nullable Neighbour read(ByteBuffer body) {
        int family = body.get(0);
        boolean proxy = (body.get(FLAGS) & NTF_PROXY) != 0;
        boolean permanent = (body.getShort(STATE) & NUD_PERMANENT) != 0;
        if ((family != AF_INET && family != AF_INET6) || !(proxy || permanent)) {
            return null;
        }
        IpAddress address = null;
        HardwareAddress hardware = null;
        var attribute = LinkReader.attributes(body, HEADER);
        while (attribute.next()) {
            if (attribute.type() == NDA_DST) {
                address = attribute.ipAddress();
            } else if (attribute.type() == NDA_LLADDR && attribute.length() > 0) {
                hardware = HardwareAddress.of(attribute.bytes());
            }
        }
        if (address == null || (!proxy && hardware == null)) {
            return null;
        }
        return new Neighbour(body.getInt(INDEX), address, proxy ? null : hardware, proxy);
    }
}
