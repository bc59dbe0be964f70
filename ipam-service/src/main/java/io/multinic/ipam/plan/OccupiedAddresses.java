package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// Addresses in the NIC networks that are not available to the pods of the network. Used in host-subnet mode only.
///
/// `hostAddresses` are the addresses of all nodes' NICs, as blocks, at least in the NIC networks that are planned;
/// `otherSubnets` are the subnets that other networks assign addresses from.
public record OccupiedAddresses(List<Cidr> hostAddresses, List<OtherSubnet> otherSubnets) {
    public static final OccupiedAddresses NOTHING = new OccupiedAddresses(List.of(), List.of());

    public OccupiedAddresses {
        hostAddresses = List.copyOf(hostAddresses);
        otherSubnets = List.copyOf(otherSubnets);
    }

    /// Subnet of another network; in host-subnet mode, a NIC network that it divides.
    public record OtherSubnet(String network, Cidr subnet) {}
}
