package io.multinic.agent.kernel.netlink;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NewLink;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the body of RTM_NEWLINK and RTM_DELLINK.
public final class LinkReader {
    private static final int HEADER = 16;
    private static final int FLAGS = 8;
    private static final int INDEX = 4;

    private String name = "";
    private String kind = "";
    private String mode = "";
    private Link.OperState operState = Link.OperState.UNKNOWN;
    private int mtu;
    private @Nullable HardwareAddress address;
    private int master;
    private int parent;
    private int parentNamespace = -1;
    private int group;
    private String alias = "";
    private String parentDevice = "";
    private @Nullable HardwareAddress permanentAddress;

    private LinkReader() {}

    public static Link read(ByteBuffer body) {
        return new LinkReader().link(body);
    }

    /// The IPv4 settings of a link that the agent knows.
    public static Map<Ipv4Setting, Integer> ipv4Settings(ByteBuffer body) {
        var settings = new EnumMap<Ipv4Setting, Integer>(Ipv4Setting.class);
        var link = attributes(body, HEADER);
        while (link.next()) {
            var families = link.nested();
            while (link.type() == IFLA_AF_SPEC && families.next()) {
                var inet = families.nested();
                while (families.type() == AF_INET && inet.next()) {
                    if (inet.type() == IFLA_INET_CONF) {
                        settings.putAll(values(inet.value()));
                    }
                }
            }
        }
        return settings;
    }

    /// Decodes the kernel's array, which starts with setting number 1.
    private static Map<Ipv4Setting, Integer> values(ByteBuffer array) {
        var settings = new EnumMap<Ipv4Setting, Integer>(Ipv4Setting.class);
        for (Ipv4Setting setting : Ipv4Setting.values()) {
            int offset = (setting.number() - 1) * Integer.BYTES;
            if (offset + Integer.BYTES <= array.limit()) {
                settings.put(setting, array.getInt(offset));
            }
        }
        return settings;
    }

    static Attributes attributes(ByteBuffer body, int header) {
        return new Attributes(body.slice(Math.min(header, body.limit()), Math.max(0, body.limit() - header))
                .order(body.order()));
    }

    private Link link(ByteBuffer body) {
        var attribute = attributes(body, HEADER);
        while (attribute.next()) {
            read(attribute);
        }
        return new Link(
                body.getInt(INDEX),
                name,
                kind,
                mode,
                body.getInt(FLAGS),
                operState,
                mtu,
                address,
                master,
                parent,
                parentNamespace,
                group,
                alias,
                parentDevice,
                permanentAddress);
    }

    private void read(Attributes attribute) {
        switch (attribute.type()) {
            case IFLA_IFNAME -> name = attribute.text();
            case IFLA_MTU -> mtu = attribute.u32();
            case IFLA_ADDRESS -> address = attribute.length() == 0 ? null : HardwareAddress.of(attribute.bytes());
            case IFLA_OPERSTATE -> operState = operState(attribute.u8());
            case IFLA_MASTER -> master = attribute.u32();
            case IFLA_LINK -> parent = attribute.u32();
            case IFLA_LINK_NETNSID -> parentNamespace = attribute.u32();
            case IFLA_GROUP -> group = attribute.u32();
            case IFLA_IFALIAS -> alias = attribute.text();
            case IFLA_PARENT_DEV_NAME -> parentDevice = attribute.text();
            case IFLA_PERM_ADDRESS ->
                permanentAddress = attribute.length() == 0 ? null : HardwareAddress.of(attribute.bytes());
            case IFLA_LINKINFO -> readInfo(attribute.nested());
            default -> {}
        }
    }

    private void readInfo(Attributes info) {
        while (info.next()) {
            if (info.type() == IFLA_INFO_KIND) {
                kind = info.text();
            } else if (info.type() == IFLA_INFO_DATA) {
                mode = mode(info.nested());
            }
        }
    }

    /// Decodes the mode; the kernel writes the kind before its data.
    private String mode(Attributes data) {
        while (data.next()) {
            if (kind.equals("macvlan") && data.type() == IFLA_MACVLAN_MODE) {
                for (var candidate : NewLink.MacvlanMode.values()) {
                    if (candidate.number() == data.u32()) {
                        return candidate.text();
                    }
                }
            } else if (kind.equals("ipvlan") && data.type() == IFLA_IPVLAN_MODE) {
                for (var candidate : NewLink.IpvlanMode.values()) {
                    if (candidate.number() == data.u16()) {
                        return candidate.text();
                    }
                }
            }
        }
        return "";
    }

    private static Link.OperState operState(int number) {
        var states = Link.OperState.values();
        return number < states.length ? states[number] : Link.OperState.UNKNOWN;
    }
}
