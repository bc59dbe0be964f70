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
    private static final int TOS = 3;
    private static final int FLAGS = 8;

    private RuleReader() {}

    /// Null for families other than IP, for rules that do not direct to a table, and for rules that select packets by
    /// anything but source and destination.
    public static @Nullable Rule read(ByteBuffer body) {
        int family = body.get(0);
        if ((family != AF_INET && family != AF_INET6) || body.get(7) != FR_ACT_TO_TBL || otherHeader(body)) {
            return null;
        }
        Cidr from = null;
        Cidr to = null;
        int table = Byte.toUnsignedInt(body.get(4));
        int priority = 0;
        int protocol = 0;
        boolean otherSelector = false;
        var attribute = LinkReader.attributes(body, HEADER);
        while (attribute.next()) {
            switch (attribute.type()) {
                case FRA_DST -> to = new Cidr(attribute.ipAddress(), Byte.toUnsignedInt(body.get(1)));
                case FRA_SRC -> from = new Cidr(attribute.ipAddress(), Byte.toUnsignedInt(body.get(2)));
                case FRA_TABLE -> table = attribute.u32();
                case FRA_PRIORITY -> priority = attribute.u32();
                case FRA_PROTOCOL -> protocol = attribute.u8();
                case FRA_SUPPRESS_PREFIXLEN -> otherSelector |= attribute.u32() != -1;
                case FRA_IIFNAME, FRA_OIFNAME, FRA_FWMARK, FRA_FWMASK, FRA_FLOW, FRA_TUN_ID, FRA_SUPPRESS_IFGROUP ->
                    otherSelector = true;
                case FRA_L3MDEV, FRA_UID_RANGE, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_DSCP ->
                    otherSelector = true;
                default -> {}
            }
        }
        if (otherSelector) {
            return null;
        }
        return new Rule(family == AF_INET ? IpFamily.IPV4 : IpFamily.IPV6, priority, from, to, table, protocol);
    }

    /// True for a type of service and for an inverted rule (`not`).
    private static boolean otherHeader(ByteBuffer body) {
        return body.get(TOS) != 0 || (body.getInt(FLAGS) & FIB_RULE_INVERT) != 0;
    }
}
