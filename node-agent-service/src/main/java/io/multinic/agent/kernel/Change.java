package io.multinic.agent.kernel;

import io.multinic.contract.address.IpFamily;
import java.time.Duration;
import java.util.Map;

/// A change of a network stack, sent as one netlink message. Links are named by their index.
///
/// *Add* fails with EEXIST if the object exists; *replace* creates or replaces it; *delete* fails if it does not exist.
public sealed interface Change {
    /// Describes the change with its object; error messages insert it after "cannot".
    String description();

    /// True if the change needs IPv6 in the kernel.
    default boolean needsIpv6() {
        return switch (this) {
            case AddAddress(var address) -> isIpv6(address);
            case ReplaceAddress(var address) -> isIpv6(address);
            case DeleteAddress(var address) -> isIpv6(address);
            case AddRoute(var route) -> isIpv6(route);
            case ReplaceRoute(var route) -> isIpv6(route);
            case DeleteRoute(var route) -> isIpv6(route);
            case AddRule(var rule) -> rule.family() == IpFamily.IPV6;
            case DeleteRule(var rule) -> rule.family() == IpFamily.IPV6;
            case ReplaceNeighbour(var neighbour) -> neighbour.address().family() == IpFamily.IPV6;
            case DeleteNeighbour(var neighbour) -> neighbour.address().family() == IpFamily.IPV6;
            case AddLink _, DeleteLink _, SetLinkUp _, RenameLink _, SetLinkMtu _, SetLinkAddress _ -> false;
            case SetLinkAlias _, SetLinkGroup _, MoveLink _, SetIpv4 _, SetProxyDelay _, AddLinkName _ -> false;
        };
    }

    private static boolean isIpv6(InterfaceAddress address) {
        return address.address().address().family() == IpFamily.IPV6;
    }

    private static boolean isIpv6(Route route) {
        return route.destination().family() == IpFamily.IPV6;
    }

    /// Creates a link directly in its namespace and, if requested, up.
    record AddLink(NewLink link) implements Change {
        @Override
        public String description() {
            return "add " + link.kind() + " " + link.end().name();
        }
    }

    record DeleteLink(int index) implements Change {
        @Override
        public String description() {
            return "delete link " + index;
        }
    }

    record SetLinkUp(int index, boolean up) implements Change {
        @Override
        public String description() {
            return "set link " + index + (up ? " up" : " down");
        }
    }

    /// A link must be down to be renamed.
    record RenameLink(int index, String name) implements Change {
        public RenameLink {
            LinkName.require(name);
        }

        @Override
        public String description() {
            return "rename link " + index + " to " + name;
        }
    }

    /// Adds an alternative name, by which programs find the link too (`ip link property add altname`). Fails with
    /// EEXIST if a link has the name, and with EOPNOTSUPP before Linux 5.5.
    record AddLinkName(int index, String name) implements Change {
        public AddLinkName {
            LinkName.require(name);
        }

        @Override
        public String description() {
            return "add name " + name + " to link " + index;
        }
    }

    record SetLinkMtu(int index, int mtu) implements Change {
        @Override
        public String description() {
            return "set mtu of link " + index + " to " + mtu;
        }
    }

    record SetLinkAddress(int index, HardwareAddress address) implements Change {
        @Override
        public String description() {
            return "set hardware address of link " + index + " to " + address;
        }
    }

    record SetLinkAlias(int index, String alias) implements Change {
        @Override
        public String description() {
            return "set alias of link " + index + " to " + alias;
        }
    }

    record SetLinkGroup(int index, int group) implements Change {
        @Override
        public String description() {
            return "set group of link " + index + " to " + group;
        }
    }

    /// Moves a link to another namespace under another name, as host-device does; it arrives down, without
    /// addresses.
    ///
    /// Not one step: if the new name is taken there, this fails with EEXIST and the link has moved under its old
    /// name.
    record MoveLink(int index, NetworkNamespace target, String newName) implements Change {
        public MoveLink {
            LinkName.require(newName);
        }

        @Override
        public String description() {
            return "move link " + index + " to " + target.path() + " as " + newName;
        }
    }

    /// Sets IPv4 settings of a link by netlink instead of `/proc/sys`.
    ///
    /// Only the value changes. The side effects of a sysctl (FORWARDING also disables large receive offload of
    /// hardware) do not happen, so use the sysctl for hardware links.
    record SetIpv4(int index, Map<Ipv4Setting, Integer> settings) implements Change {
        public SetIpv4 {
            settings = Map.copyOf(settings);
        }

        @Override
        public String description() {
            return "set IPv4 settings " + settings + " of link " + index;
        }
    }

    /// Sets the delay before the link answers ARP for proxied neighbours; the kernel's default of up to 0.8 s
    /// delays the first packet to each of them.
    record SetProxyDelay(int index, Duration delay) implements Change {
        @Override
        public String description() {
            return "set proxy delay of link " + index + " to " + delay.toMillis() + " ms";
        }
    }

    record AddAddress(InterfaceAddress address) implements Change {
        @Override
        public String description() {
            return "add address " + address;
        }
    }

    record ReplaceAddress(InterfaceAddress address) implements Change {
        @Override
        public String description() {
            return "replace address " + address;
        }
    }

    record DeleteAddress(InterfaceAddress address) implements Change {
        @Override
        public String description() {
            return "delete address " + address;
        }
    }

    record AddRoute(Route route) implements Change {
        @Override
        public String description() {
            return "add route " + route;
        }
    }

    /// Like `ip route replace`: replaces any route of the same table, destination and priority, of any origin.
    record ReplaceRoute(Route route) implements Change {
        @Override
        public String description() {
            return "replace route " + route;
        }
    }

    record DeleteRoute(Route route) implements Change {
        @Override
        public String description() {
            return "delete route " + route;
        }
    }

    record AddRule(Rule rule) implements Change {
        @Override
        public String description() {
            return "add rule " + rule;
        }
    }

    record DeleteRule(Rule rule) implements Change {
        @Override
        public String description() {
            return "delete rule " + rule;
        }
    }

    record ReplaceNeighbour(Neighbour neighbour) implements Change {
        @Override
        public String description() {
            return "replace neighbour " + neighbour;
        }
    }

    record DeleteNeighbour(Neighbour neighbour) implements Change {
        @Override
        public String description() {
            return "delete neighbour " + neighbour;
        }
    }
}
