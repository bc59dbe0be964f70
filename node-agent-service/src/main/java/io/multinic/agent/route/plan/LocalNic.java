package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Link;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A NIC as a way out: its index in the kernel and the networks that it is on.
public record LocalNic(String name, int index, List<Cidr> networks) {
    public LocalNic {
        networks = List.copyOf(networks);
    }

    /// The NICs that the kernel has now and that are set up; the order stays.
    public static List<LocalNic> usable(List<HostNic> nics, List<Link> links) {
        Map<String, Link> byName = links.stream().collect(Collectors.toMap(Link::name, Function.identity()));
        return nics.stream()
                .flatMap(nic -> Optional.ofNullable(byName.get(nic.interfaceName()))
                        .filter(Link::up)
                        .map(link -> new LocalNic(link.name(), link.index(), networksOf(nic)))
                        .stream())
                .toList();
    }

    private static List<Cidr> networksOf(HostNic nic) {
        return Stream.concat(nic.addresses().stream(), Stream.ofNullable(nic.netAddress()))
                .flatMap(LocalNic::network)
                .distinct()
                .toList();
    }

    /// What a user has declared need not be an address; it is no network then.
    private static Stream<Cidr> network(String text) {
        try {
            return Stream.of(PrefixedAddress.parse(text).network());
        } catch (IllegalArgumentException e) {
            return Stream.empty();
        }
    }

    /// Whether `address` is a neighbour on this NIC.
    public boolean reaches(IpAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }
}
