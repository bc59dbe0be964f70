package io.multinic.agent.nic;

import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A NIC of this node that networks may use, found by discovery or declared by the user.
///
/// The CRD's form of it, `HostNic`, is known to [HostInterfaceModel] only.
///
/// @param network the network that pods are attached in; null if it is unknown
/// @param hostAddress the node's own address in `network`; null if it is unknown
/// @param addresses all usable addresses of both families, in the kernel's order
/// @param linkUp false only if the link is known to have no carrier
/// @param mtu 0 if it is unknown
public record NodeNic(
        String name,
        @Nullable Cidr network,
        @Nullable IpAddress hostAddress,
        List<PrefixedAddress> addresses,
        boolean linkUp,
        @Nullable HardwareAddress mac,
        int mtu,
        DeviceFacts device) {
    public NodeNic {
        addresses = List.copyOf(addresses);
    }

    /// The networks whose addresses are neighbours on this NIC.
    public List<Cidr> networks() {
        return Stream.concat(addresses.stream().map(PrefixedAddress::network), Stream.ofNullable(network))
                .distinct()
                .toList();
    }
}
