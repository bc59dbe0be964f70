package io.multinic.agent.nic;

import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Decides which links of a node are NICs that networks may use, and describes them: pure.
///
/// A NIC is administratively up, has an address that other hosts can reach, and leads to a physical network of its
/// own. Excluded are therefore the loopback, links that are administratively down, ports of bridges and bonds (the bond
/// itself is a NIC), bridges, tunnels, links made for pods, and excluded names; also the network of the default route,
/// which is the node's own: its NIC, and addresses of other NICs in that network. A link without carrier stays, with
/// `linkUp` false.
public final class NicDiscovery {
    /// Kinds of `ip link` that are virtual, tunnels, or made for pods. A veth may be a NIC; its name decides.
    private static final Set<String> NOT_A_NIC = Set.of(
            "bridge",
            "macvlan",
            "macvtap",
            "ipvlan",
            "ipvtap",
            "dummy",
            "ifb",
            "vrf",
            "nlmon",
            "tun",
            "vxlan",
            "geneve",
            "bareudp",
            "gre",
            "gretap",
            "erspan",
            "ip6gre",
            "ip6gretap",
            "ip6erspan",
            "ipip",
            "ip6tnl",
            "sit",
            "vti",
            "vti6",
            "xfrm",
            "wireguard",
            "openvswitch",
            "vcan",
            "can",
            "netkit");

    /// Obstacle of a NIC without a link.
    static final String MISSING = "is not on this node";

    private static final Cidr IPV4_LINK_LOCAL = Cidr.parse("169.254.0.0/16");
    private static final Cidr IPV4_LOOPBACK = Cidr.parse("127.0.0.0/8");
    private static final Cidr IPV6_LINK_LOCAL = Cidr.parse("fe80::/10");
    private static final Cidr IPV6_LOOPBACK = Cidr.parse("::1/128");

    /// Addresses that no host outside the link can reach.
    static final List<Cidr> LINK_LOCAL = List.of(IPV4_LINK_LOCAL, IPV6_LINK_LOCAL);

    private final NicExclusions exclusions;

    public NicDiscovery(NicExclusions exclusions) {
        this.exclusions = exclusions;
    }

    /// The NICs of a node, in the kernel's order.
    public List<NodeNic> discover(HostSnapshot host) {
        var view = new View(host);
        return host.links().stream()
                .filter(link -> isNic(link, view))
                .flatMap(link -> view.describe(link, view.addressesOutsideDefaultNetwork(link)).stream())
                .toList();
    }

    /// The NICs that the user has declared, with missing values filled in from the links of the same names.
    public List<NodeNic> complete(List<NodeNic> declared, HostSnapshot host) {
        var view = new View(host);
        return declared.stream()
                .map(nic -> host.links().stream()
                        .filter(link -> link.name().equals(nic.name()))
                        .findFirst()
                        .flatMap(link -> view.describe(link, view.addresses(link)))
                        .map(seen -> completed(nic, seen))
                        .orElse(nic))
                .toList();
    }

    /// Reasons why links of the node are no NICs, and why NICs that the user has declared cannot be used, by name.
    Map<String, String> obstacles(List<NodeNic> found, HostSnapshot host) {
        var view = new View(host);
        Map<String, String> obstacles = new HashMap<>();
        found.forEach(nic -> obstacles.put(nic.name(), MISSING));
        for (Link link : host.links()) {
            boolean known = obstacles.remove(link.name()) != null;
            if (!link.up()) {
                obstacles.put(link.name(), "is down");
            } else if (!known && !isNic(link, view)) {
                obstacles.put(link.name(), "is not a link that networks may use");
            } else if (!known) {
                obstacles.put(
                        link.name(),
                        view.addresses(link).isEmpty()
                                ? "has no address"
                                : "has addresses in the network of the default route only");
            }
        }
        return obstacles;
    }

    private boolean isNic(Link link, View view) {
        return link.up()
                && !link.loopback()
                && !NOT_A_NIC.contains(link.kind())
                && !view.isPort(link)
                && !exclusions.excludes(link.name());
    }

    private static NodeNic completed(NodeNic declared, NodeNic seen) {
        return new NodeNic(
                declared.name(),
                DeviceFacts.either(declared.network(), seen.network()),
                DeviceFacts.either(declared.hostAddress(), seen.hostAddress()),
                declared.addresses().isEmpty() ? seen.addresses() : declared.addresses(),
                seen.linkUp(),
                DeviceFacts.either(declared.mac(), seen.mac()),
                declared.mtu() == 0 ? seen.mtu() : declared.mtu(),
                declared.device().orElse(seen.device()));
    }

    /// The links and addresses of one snapshot, indexed for the questions that discovery has.
    private static final class View {
        private final HostSnapshot host;
        private final Map<Integer, Link> byIndex = new HashMap<>();
        private final Map<Integer, List<PrefixedAddress>> addresses;
        private final List<Cidr> defaultNetworks;

        View(HostSnapshot host) {
            this.host = host;
            host.links().forEach(link -> byIndex.put(link.index(), link));
            this.addresses = host.addresses().stream()
                    .filter(View::reachable)
                    .collect(Collectors.groupingBy(
                            InterfaceAddress::linkIndex,
                            Collectors.mapping(InterfaceAddress::address, Collectors.toList())));
            this.defaultNetworks = defaultLinks(host.defaultRoutes()).stream()
                    .flatMap(index -> addresses.getOrDefault(index, List.of()).stream())
                    .map(PrefixedAddress::network)
                    .distinct()
                    .toList();
        }

        /// The links of the default route in use: that of IPv4 if there is one, with the lowest priority
        /// number. Clouds configure a default route on each NIC, and routers advertise themselves on each;
        /// those NICs count as data NICs.
        private static Set<Integer> defaultLinks(List<Route> routes) {
            for (IpFamily family : IpFamily.values()) {
                Optional<Route> best = routes.stream()
                        .filter(route -> route.destination().family() == family)
                        .min(Comparator.comparingInt(Route::priority));
                if (best.isPresent()) {
                    return best.get().nextHops().stream()
                            .map(NextHop::linkIndex)
                            .collect(Collectors.toSet());
                }
            }
            return Set.of();
        }

        /// Temporary IPv6 addresses are excluded; they share their flag with secondary IPv4 addresses.
        private static boolean reachable(InterfaceAddress candidate) {
            IpAddress address = candidate.address().address();
            return switch (address.family()) {
                case IPV4 -> !IPV4_LINK_LOCAL.contains(address) && !IPV4_LOOPBACK.contains(address);
                case IPV6 ->
                    !IPV6_LINK_LOCAL.contains(address)
                            && !IPV6_LOOPBACK.contains(address)
                            && !candidate.flags().contains(InterfaceAddress.Flag.SECONDARY)
                            && !candidate.flags().contains(InterfaceAddress.Flag.DAD_FAILED);
            };
        }

        /// A VRF is a routing domain and not a switch, so its members are NICs.
        boolean isPort(Link link) {
            if (link.masterIndex() == 0) {
                return false;
            }
            Link master = byIndex.get(link.masterIndex());
            return master == null || !master.kind().equals("vrf");
        }

        List<PrefixedAddress> addresses(Link link) {
            return addresses.getOrDefault(link.index(), List.of());
        }

        List<PrefixedAddress> addressesOutsideDefaultNetwork(Link link) {
            return addresses(link).stream()
                    .filter(address -> !defaultNetworks.contains(address.network()))
                    .toList();
        }

        /// The NIC of a link; empty for a link without addresses.
        Optional<NodeNic> describe(Link link, List<PrefixedAddress> usable) {
            return usable.stream()
                    .min(Comparator.comparing(address -> address.address().family()))
                    .map(first -> {
                        DeviceFacts own = facts(link);
                        DeviceFacts hardware = hardware(link);
                        return new NodeNic(
                                link.name(),
                                first.network(),
                                first.address(),
                                usable,
                                link.lowerUp(),
                                link.address(),
                                link.mtu(),
                                new DeviceFacts(
                                        own.pciAddress(),
                                        hardware.vendor(),
                                        hardware.product(),
                                        own.driver(),
                                        hardware.numaNode(),
                                        own.speedMbps()));
                    });
        }

        private DeviceFacts facts(Link link) {
            return host.devices().getOrDefault(link.name(), DeviceFacts.NONE);
        }

        /// The physical device under a VLAN or a bond: it determines device class and distance to GPUs.
        private DeviceFacts hardware(Link link) {
            return switch (link.kind()) {
                case "vlan" ->
                    Optional.ofNullable(byIndex.get(link.parentIndex()))
                            .filter(_ -> link.parentNamespaceId() < 0)
                            .map(this::hardware)
                            .orElse(DeviceFacts.NONE);
                case "bond", "team" ->
                    host.links().stream()
                            .filter(port -> port.masterIndex() == link.index())
                            .map(this::facts)
                            .filter(facts -> Objects.nonNull(facts.vendor()))
                            .findFirst()
                            .orElse(DeviceFacts.NONE);
                default -> facts(link);
            };
        }
    }
}
