package io.multinic.contract.wire;

import io.multinic.contract.address.AddressLayout;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Definition of a network, derived from a MultiNicNetwork: `PUT /api/v1/networks/{name}`.
///
/// `subnets` holds at most one subnet of each family; empty means host-subnet mode: every NIC's own network
/// is an interface block, and `interfaceBlock` is not used. `masterNets` may be empty: then every network
/// of a NIC belongs to it, in the order of registration. `hostRoutes` is true if agents keep host routes for the
/// network.
public record NetworkDefinition(
        String name,
        List<Cidr> subnets,
        List<Cidr> masterNets,
        int interfaceBlock,
        int hostBlock,
        List<Cidr> excludes,
        boolean hostRoutes) {

    /// @throws MultiNicException INVALID_NETWORK with the reason: blocks that do not fit, more masterNets than the
    ///     interface block holds, two subnets of one family, the same masterNet twice; in host-subnet mode also
    ///     masterNets that overlap
    public NetworkDefinition(
            @Nullable String name,
            @Nullable List<Cidr> subnets,
            @Nullable List<Cidr> masterNets,
            int interfaceBlock,
            int hostBlock,
            @Nullable List<Cidr> excludes,
            boolean hostRoutes) {
        if (name == null || name.isBlank()) {
            throw invalid("a network needs a name");
        }
        this.name = name;
        this.subnets = subnets == null ? List.of() : List.copyOf(subnets);
        this.masterNets = masterNets == null ? List.of() : List.copyOf(masterNets);
        this.interfaceBlock = interfaceBlock;
        this.hostBlock = hostBlock;
        this.excludes = excludes == null ? List.of() : List.copyOf(excludes);
        this.hostRoutes = hostRoutes;

        requireOneSubnetOfEachFamily();
        requireDistinctMasterNets();
        for (Cidr subnet : this.subnets) {
            requireRoomForMasterNets(layout(subnet));
        }
        if (dividesNicNetworks()) {
            requireDivisibleMasterNets();
        }
    }

    /// True in host-subnet mode.
    public boolean dividesNicNetworks() {
        return subnets.isEmpty();
    }

    private void requireDivisibleMasterNets() {
        if (interfaceBlock < 0 || hostBlock < 0 || hostBlock > IpFamily.IPV6.bits()) {
            throw invalid("network " + name + ": interfaceBlock " + interfaceBlock + " and hostBlock " + hostBlock
                    + " must not be negative, and hostBlock not above " + IpFamily.IPV6.bits());
        }
        for (Cidr net : masterNets) {
            String obstacle = whyNotDivisible(net);
            if (obstacle != null) {
                throw invalid("network " + name + ": " + obstacle);
            }
            for (Cidr other : masterNets) {
                if (!other.equals(net) && other.contains(net)) {
                    throw invalid("network " + name + ": masterNets " + other + " and " + net
                            + " overlap, so their blocks would, too; name one of them, or give a subnet");
                }
            }
        }
    }

    /// The reason why a NIC's network cannot be divided by `hostBlock`, with the remedy; null if it can.
    public @Nullable String whyNotDivisible(Cidr nicNetwork) {
        int width = nicNetwork.family().bits();
        int needed = nicNetwork.prefixLength() + hostBlock;
        return needed <= width
                ? null
                : "the NICs' network " + nicNetwork + " divided by hostBlock " + hostBlock + " needs " + needed
                        + " bits, but an address has " + width + "; use a smaller hostBlock, or give a subnet";
    }

    private void requireOneSubnetOfEachFamily() {
        var families = new HashSet<IpFamily>();
        for (Cidr subnet : subnets) {
            if (!families.add(subnet.family())) {
                throw invalid("network " + name + ": more than one " + subnet.family() + " subnet in " + subnets
                        + "; give one of each family at most");
            }
        }
    }

    private void requireDistinctMasterNets() {
        var seen = new HashSet<Cidr>();
        for (Cidr net : masterNets) {
            if (!seen.add(net)) {
                throw invalid("network " + name + ": masterNets names " + net + " twice");
            }
        }
    }

    private void requireRoomForMasterNets(AddressLayout layout) {
        if (masterNets.size() > layout.interfaceCount()) {
            throw invalid("network " + name + ": " + masterNets.size() + " masterNets, but interfaceBlock "
                    + interfaceBlock + " has room for " + layout.interfaceCount()
                    + "; use a larger interfaceBlock or fewer masterNets");
        }
    }

    /// The layout of one of the `subnets`.
    public AddressLayout layout(Cidr subnet) {
        try {
            return new AddressLayout(subnet, interfaceBlock, hostBlock);
        } catch (IllegalArgumentException e) {
            throw invalid("network " + name + ": " + e.getMessage());
        }
    }

    private static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK, message);
    }
}
