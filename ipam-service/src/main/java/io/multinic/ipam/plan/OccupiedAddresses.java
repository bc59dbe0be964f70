package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// What others than the network's pods have in the NICs' networks; it matters in host-subnet mode only.
///
/// `hostAddresses` are the addresses of all nodes' NICs, as blocks, at least in the networks that are planned;
/// `otherSubnets` are what other networks hand out.
public record OccupiedAddresses(List<Cidr> hostAddresses, List<OtherSubnet> otherSubnets) {
    public static final OccupiedAddresses NOTHING = new OccupiedAddresses(List.of(), List.of());

    public OccupiedAddresses {
        hostAddresses = List.copyOf(hostAddresses);
        otherSubnets = List.copyOf(otherSubnets);
    }

    /// A subnet of the network of this name, or in host-subnet mode a NICs' network.
    public record OtherSubnet(String network, Cidr subnet) {}
}
