package io.multinic.agent.kernel;

import io.multinic.contract.address.IpAddress;
import org.jspecify.annotations.Nullable;

/// A permanent entry of the ARP or neighbour discovery table.
///
/// @param hardwareAddress null for a proxy entry
/// @param proxy whether this host answers for the address on that link; for IPv6 that also needs the link's `proxy_ndp`
public record Neighbour(
        int linkIndex, IpAddress address, @Nullable HardwareAddress hardwareAddress, boolean proxy) {
    public Neighbour {
        if (proxy == (hardwareAddress != null)) {
            throw new IllegalArgumentException("neighbour " + address + ": either a hardware address or proxy");
        }
    }

    public static Neighbour permanent(int linkIndex, IpAddress address, HardwareAddress hardwareAddress) {
        return new Neighbour(linkIndex, address, hardwareAddress, false);
    }

    public static Neighbour proxy(int linkIndex, IpAddress address) {
        return new Neighbour(linkIndex, address, null, true);
    }

    @Override
    public String toString() {
        return address + " on link " + linkIndex + (proxy ? " proxy" : " at " + hardwareAddress);
    }
}
