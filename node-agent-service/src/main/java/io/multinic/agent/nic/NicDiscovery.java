package io.multinic.agent.nic;

import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which links of a node are NICs that networks may use, and what is known of each: pure.
///
/// A NIC is set up, has an address that others can reach, and is a way of its own onto a wire. Left out are
/// therefore the loopback, links down by an administrator, ports of bridges and bonds (the bond itself counts),
/// bridges, tunnels, children of other links made for pods, names that are excluded; and the network of the
/// default route, which is the node's own: its NIC and addresses of other NICs in it. A link without carrier
/// stays, marked as such.
public final class NicDiscovery {
    /// Kinds of `ip link` that lead nowhere, into another network, or to a pod. A veth may be a NIC: names decide.
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

    private static final Cidr IPV4_LINK_LOCAL = Cidr.parse("169.254.0.0/16");
    private static final Cidr IPV4_LOOPBACK = Cidr.parse("127.0.0.0/8");
    private static final Cidr IPV6_LINK_LOCAL = Cidr.parse("fe80::/10");
    private static final Cidr IPV6_LOOPBACK = Cidr.parse("::1/128");

    private final NicExclusions exclusions;

    public NicDiscovery(NicExclusions exclusions) {
        this.exclusions = exclusions;
    }

    /// In the kernel's order.
    public List<HostNic> discover(HostSnapshot host) {
        var view = new View(host);
        return host.links().stream()
                .filter(link -> isNic(link, view))
                .flatMap(link -> view.describe(link, view.addressesOutsideDefaultNetwork(link)).stream())
                .toList();
    }

    /// NICs that the user has declared, completed with what the node knows of links of these names.
    public List<HostNic> complete(List<HostNic> declared, HostSnapshot host) {
        var view = new View(host);
        return declared.stream()
                .map(nic -> host.links().stream()
                        .filter(link -> link.name().equals(nic.interfaceName()))
                        .findFirst()
                        .flatMap(link -> view.describe(link, view.addresses(link)))
                        .map(seen -> completed(nic, seen))
                        .orElse(nic))
                .toList();
    }

    private boolean isNic(Link link, View view) {
        return link.up()
                && !link.loopback()
                && !NOT_A_NIC.contains(link.kind())
                && !view.isPort(link)
                && !exclusions.excludes(link.name());
    }

    private static HostNic completed(HostNic declared, HostNic seen) {
        return new HostNic(
                declared.interfaceName(),
                or(declared.netAddress(), seen.netAddress()),
                or(declared.hostIp(), seen.hostIp()),
                or(declared.vendor(), seen.vendor()),
                or(declared.product(), seen.product()),
                or(declared.pciAddress(), seen.pciAddress()),
                declared.addresses().isEmpty() ? seen.addresses() : declared.addresses(),
                or(declared.mac(), seen.mac()),
                or(declared.mtu(), seen.mtu()),
                or(declared.speedMbps(), seen.speedMbps()),
                or(declared.numaNode(), seen.numaNode()),
                or(declared.driver(), seen.driver()),
                seen.linkUp());
    }

    private static <T> @Nullable T or(@Nullable T value, @Nullable T otherwise) {
        return value != null ? value : otherwise;
    }

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

        /// The default route is the one that is used: of IPv4 if there is one, of the lowest priority number.
        /// Clouds give each NIC a default route, routers advertise themselves on each; those stay data NICs.
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

        /// IPv6's temporary addresses come and go; they share their flag with IPv4's secondary ones.
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

        /// A VRF is a routing domain, not a switch: its members stay ways of their own.
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

        /// Empty for a link without addresses.
        Optional<HostNic> describe(Link link, List<PrefixedAddress> usable) {
            return usable.stream()
                    .min(Comparator.comparing(address -> address.address().family()))
                    .map(first -> {
                        DeviceFacts own = facts(link);
                        DeviceFacts hardware = hardware(link);
                        HardwareAddress mac = link.address();
                        return new HostNic(
                                link.name(),
                                first.network().toString(),
                                first.address().toString(),
                                hardware.vendor(),
                                hardware.product(),
                                own.pciAddress(),
                                usable.stream().map(PrefixedAddress::toString).toList(),
                                mac == null ? null : mac.text(),
                                link.mtu(),
                                own.speedMbps(),
                                hardware.numaNode(),
                                own.driver(),
                                link.lowerUp());
                    });
        }

        private DeviceFacts facts(Link link) {
            return host.devices().getOrDefault(link.name(), DeviceFacts.NONE);
        }

        /// What a VLAN or a bond runs on decides its class and its distance to GPUs.
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
