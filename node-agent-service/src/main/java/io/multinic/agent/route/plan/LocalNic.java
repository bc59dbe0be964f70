package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Link;
import io.multinic.agent.nic.NodeNic;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A NIC that packets can leave by: its link index and the networks it is connected to.
public record LocalNic(String name, int index, List<Cidr> networks) {
    public LocalNic {
        networks = List.copyOf(networks);
    }

    /// The NICs whose link exists and is up, in their order.
    public static List<LocalNic> usable(List<NodeNic> nics, List<Link> links) {
        Map<String, Link> byName = links.stream().collect(Collectors.toMap(Link::name, Function.identity()));
        return nics.stream()
                .flatMap(nic -> Optional.ofNullable(byName.get(nic.name()))
                        .filter(Link::up)
                        .map(link -> new LocalNic(link.name(), link.index(), nic.networks()))
                        .stream())
                .toList();
    }

    /// True if `address` is in a network of this NIC.
    public boolean reaches(IpAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }
}
