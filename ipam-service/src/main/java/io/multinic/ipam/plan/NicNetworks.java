package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Nic;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// NIC networks: the IP networks that a NIC has an address in, and the next hop to reach the NIC there.
final class NicNetworks {
    private static final Cidr IPV4_LINK_LOCAL = Cidr.parse("169.254.0.0/16");
    private static final Cidr IPV6_LINK_LOCAL = Cidr.parse("fe80::/10");

    private NicNetworks() {}

    /// Network of the NIC where the definition names no `masterNets`: that of its first IPv4 address, else of its
    /// first IPv6 address. Link-local addresses do not count.
    static @Nullable Cidr own(Nic nic) {
        for (IpFamily family : IpFamily.values()) {
            for (PrefixedAddress address : nic.addresses()) {
                if (address.address().family() == family && !isLinkLocal(address.address())) {
                    return address.network();
                }
            }
        }
        return null;
    }

    /// Those of `chosen` in which the NIC has an address; the NIC's own network if `chosen` is empty.
    static Set<Cidr> of(Nic nic, List<Cidr> chosen) {
        var networks = new LinkedHashSet<Cidr>();
        if (chosen.isEmpty()) {
            Cidr own = own(nic);
            if (own != null) {
                networks.add(own);
            }
            return networks;
        }
        for (PrefixedAddress address : nic.addresses()) {
            if (chosen.contains(address.network())) {
                networks.add(address.network());
            }
        }
        return networks;
    }

    /// Next hop of a family: an address in `masterNet`, else any other address, a link-local one last.
    static @Nullable IpAddress via(Nic nic, Cidr masterNet, IpFamily family) {
        IpAddress linkLocal = null;
        IpAddress other = null;
        for (PrefixedAddress candidate : nic.addresses()) {
            IpAddress address = candidate.address();
            if (address.family() != family) {
                continue;
            }
            if (masterNet.contains(address)) {
                return address;
            }
            if (isLinkLocal(address)) {
                linkLocal = linkLocal == null ? address : linkLocal;
            } else if (other == null) {
                other = address;
            }
        }
        return other != null ? other : linkLocal;
    }

    private static boolean isLinkLocal(IpAddress address) {
        return IPV4_LINK_LOCAL.contains(address) || IPV6_LINK_LOCAL.contains(address);
    }
}
