package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/// Reads the body of RTM_NEWADDR and RTM_DELADDR.
public final class AddressReader {
    private static final int HEADER = 8;
    private static final int PREFIX_LENGTH = 1;
    private static final int FLAGS = 2;
    private static final int INDEX = 4;

    private AddressReader() {}

    /// Null for families other than IP.
    public static @Nullable InterfaceAddress read(ByteBuffer body) {
        int family = body.get(0);
        if (family != AF_INET && family != AF_INET6) {
            return null;
        }
        IpAddress local = null;
        IpAddress peer = null;
        int flags = Byte.toUnsignedInt(body.get(FLAGS));
        var attribute = LinkReader.attributes(body, HEADER);
        while (attribute.next()) {
            switch (attribute.type()) {
                case IFA_LOCAL -> local = attribute.ipAddress();
                case IFA_ADDRESS -> peer = attribute.ipAddress();
                case IFA_FLAGS -> flags = attribute.u32();
                default -> {}
            }
        }
        IpAddress own = local != null ? local : peer;
        if (own == null) {
            return null;
        }
        var set = EnumSet.noneOf(InterfaceAddress.Flag.class);
        for (var flag : InterfaceAddress.Flag.values()) {
            if ((flags & flag.bit()) != 0) {
                set.add(flag);
            }
        }
        var prefixed = new PrefixedAddress(own, Byte.toUnsignedInt(body.get(PREFIX_LENGTH)));
        return new InterfaceAddress(body.getInt(INDEX), prefixed, set);
    }
}
