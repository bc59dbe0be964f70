package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads the body of RTM_NEWRULE and RTM_DELRULE.
public final class RuleReader {
    private static final int HEADER = 12;

    private RuleReader() {}

    /// Null for families other than IP and for rules that do not direct to a table.
    public static @Nullable Rule read(ByteBuffer body) {
        int family = body.get(0);
        if ((family != AF_INET && family != AF_INET6) || body.get(7) != FR_ACT_TO_TBL) {
            return null;
        }
        Cidr from = null;
        Cidr to = null;
        int table = Byte.toUnsignedInt(body.get(4));
        int priority = 0;
        int protocol = 0;
        var attribute = LinkReader.attributes(body, HEADER);
        while (attribute.next()) {
            switch (attribute.type()) {
                case FRA_DST -> to = new Cidr(attribute.ipAddress(), Byte.toUnsignedInt(body.get(1)));
                case FRA_SRC -> from = new Cidr(attribute.ipAddress(), Byte.toUnsignedInt(body.get(2)));
                case FRA_TABLE -> table = attribute.u32();
                case FRA_PRIORITY -> priority = attribute.u32();
                case FRA_PROTOCOL -> protocol = attribute.u8();
                default -> {}
            }
        }
        return new Rule(family == AF_INET ? IpFamily.IPV4 : IpFamily.IPV6, priority, from, to, table, protocol);
    }
}
