package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import java.util.Map;
import java.util.TreeMap;

/// Encodes changes as rtnetlink messages, byte for byte as `ip` of iproute2 does, without what the kernel ignores.
public final class ChangeEncoder {
    private static final int ADD = NLM_F_CREATE | NLM_F_EXCL;
    private static final int REPLACE = NLM_F_CREATE | NLM_F_REPLACE;
    private static final int REQUESTABLE_FLAGS =
            InterfaceAddress.Flag.NO_DAD.bit() | InterfaceAddress.Flag.NO_PREFIX_ROUTE.bit();

    private static final int SHORT_FLAGS = 255;

    private ChangeEncoder() {}

    public static byte[] encode(Change change) {
        return switch (change) {
            case Change.AddLink add -> LinkWriter.add(add.link());
            case Change.DeleteLink delete ->
                LinkWriter.message(RTM_DELLINK, 0, delete.index(), 0, 0).finish();
            case Change.SetLinkUp set ->
                LinkWriter.message(RTM_NEWLINK, 0, set.index(), set.up() ? IFF_UP : 0, IFF_UP)
                        .finish();
            case Change.RenameLink rename ->
                LinkWriter.edit(rename.index())
                        .attributeText(IFLA_IFNAME, rename.name())
                        .finish();
            case Change.AddLinkName add -> alternativeName(add.index(), add.name());
            case Change.SetLinkMtu set ->
                LinkWriter.edit(set.index()).attributeU32(IFLA_MTU, set.mtu()).finish();
            case Change.SetLinkAddress set ->
                LinkWriter.edit(set.index())
                        .attribute(IFLA_ADDRESS, set.address().bytes())
                        .finish();
            case Change.SetLinkAlias set ->
                LinkWriter.edit(set.index())
                        .attributeBareText(IFLA_IFALIAS, set.alias())
                        .finish();
            case Change.SetLinkGroup set ->
                LinkWriter.edit(set.index())
                        .attributeU32(IFLA_GROUP, set.group())
                        .finish();
            case Change.MoveLink move ->
                LinkWriter.edit(move.index())
                        .attributeU32(IFLA_NET_NS_FD, move.target().descriptor())
                        .attributeText(IFLA_IFNAME, move.newName())
                        .finish();
            case Change.SetIpv4 set -> ipv4Settings(set.index(), set.settings());
            case Change.SetProxyDelay set -> proxyDelay(set.index(), set.delay().toMillis());
            case Change.AddAddress add -> address(RTM_NEWADDR, ADD, add.address());
            case Change.ReplaceAddress replace -> address(RTM_NEWADDR, REPLACE, replace.address());
            case Change.DeleteAddress delete -> address(RTM_DELADDR, 0, delete.address());
            case Change.AddRoute add -> RouteWriter.write(RTM_NEWROUTE, ADD, add.route());
            case Change.ReplaceRoute replace -> RouteWriter.write(RTM_NEWROUTE, REPLACE, replace.route());
            case Change.DeleteRoute delete -> RouteWriter.write(RTM_DELROUTE, 0, delete.route());
            case Change.AddRule add -> rule(RTM_NEWRULE, ADD, add.rule());
            case Change.DeleteRule delete -> rule(RTM_DELRULE, 0, delete.rule());
            case Change.ReplaceNeighbour replace -> neighbour(RTM_NEWNEIGH, REPLACE, replace.neighbour());
            case Change.DeleteNeighbour delete -> neighbour(RTM_DELNEIGH, 0, delete.neighbour());
        };
    }

    static int family(IpFamily family) {
        return family == IpFamily.IPV4 ? AF_INET : AF_INET6;
    }

    private static byte[] ipv4Settings(int index, Map<Ipv4Setting, Integer> settings) {
        var message = LinkWriter.edit(index);
        int spec = message.open(IFLA_AF_SPEC);
        int inet = message.open(AF_INET);
        int conf = message.open(IFLA_INET_CONF);
        new TreeMap<>(settings).forEach((setting, value) -> message.attributeU32(setting.number(), value));
        return message.close(conf).close(inet).close(spec).finish();
    }

    private static byte[] alternativeName(int index, String name) {
        var message = LinkWriter.message(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, index, 0, 0);
        int properties = message.open(IFLA_PROP_LIST | NLA_F_NESTED);
        message.attributeText(IFLA_ALT_IFNAME, name);
        return message.close(properties).finish();
    }

    private static byte[] proxyDelay(int index, long millis) {
        var message = new MessageWriter(RTM_SETNEIGHTBL, NLM_F_REPLACE).u32(AF_UNSPEC);
        message.attributeText(NDTA_NAME, "arp_cache");
        int parameters = message.open(NDTA_PARMS);
        message.attributeU32(NDTPA_IFINDEX, index).attributeU64(NDTPA_PROXY_DELAY, millis);
        return message.close(parameters).finish();
    }

    private static byte[] address(int type, int flags, InterfaceAddress address) {
        var ip = address.address().address();
        int requestedFlags =
                address.flags().stream().mapToInt(InterfaceAddress.Flag::bit).sum() & REQUESTABLE_FLAGS;
        var message = new MessageWriter(type, flags)
                .u8(family(ip.family()))
                .u8(address.address().prefixLength())
                .u8(requestedFlags)
                .u8(RT_SCOPE_UNIVERSE)
                .u32(address.linkIndex());
        message.attribute(IFA_LOCAL, ip.bytes());
        if (requestedFlags > SHORT_FLAGS) {
            message.attributeU32(IFA_FLAGS, requestedFlags);
        }
        return message.attribute(IFA_ADDRESS, ip.bytes()).finish();
    }

    private static byte[] rule(int type, int flags, Rule rule) {
        Cidr from = rule.from();
        Cidr to = rule.to();
        var message = new MessageWriter(type, flags)
                .u8(family(rule.family()))
                .u8(to == null ? 0 : to.prefixLength())
                .u8(from == null ? 0 : from.prefixLength())
                .u8(0)
                .u8(RouteWriter.shortTable(rule.table()))
                .u16(0)
                .u8(FR_ACT_TO_TBL)
                .u32(0);
        if (from != null) {
            message.attribute(FRA_SRC, from.network().bytes());
        }
        if (to != null) {
            message.attribute(FRA_DST, to.network().bytes());
        }
        RouteWriter.longTable(message, FRA_TABLE, rule.table());
        return message.attributeU32(FRA_PRIORITY, rule.priority())
                .attributeU8(FRA_PROTOCOL, rule.protocol())
                .finish();
    }

    private static byte[] neighbour(int type, int flags, Neighbour neighbour) {
        var message = new MessageWriter(type, flags)
                .u32(family(neighbour.address().family()))
                .u32(neighbour.linkIndex())
                .u16(NUD_PERMANENT)
                .u8(neighbour.proxy() ? NTF_PROXY : 0)
                .u8(0)
                .attribute(NDA_DST, neighbour.address().bytes());
        var hardware = neighbour.hardwareAddress();
        if (hardware != null) {
            message.attribute(NDA_LLADDR, hardware.bytes());
        }
        return message.finish();
    }
}
