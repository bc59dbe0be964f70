package io.multinic.agent.nic;

import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// State of a NIC before a plugin moved it into a pod: sufficient to recognise and restore it.
///
/// @param nic its name on the node
/// @param podInterface its name in the pod
/// @param containerId sandbox of the attachment
/// @param ifName CNI_IFNAME of the attachment
/// @param kind see [Link]
/// @param device PCI address; empty if it has none
/// @param permanentMac null if it has none
/// @param mac hardware address in use; null if it has none
/// @param addresses those that other hosts can reach
public record MovedNic(
        String nic,
        String podInterface,
        String containerId,
        String ifName,
        String kind,
        String device,
        @Nullable String permanentMac,
        @Nullable String mac,
        int mtu,
        List<String> addresses) {
    public MovedNic {
        addresses = List.copyOf(addresses);
    }

    /// True if a link is this NIC, whatever its name is now: by its PCI address and its permanent hardware address, or
    /// by the one in use where it has no permanent one.
    boolean is(Link link) {
        if (!kind.equals(link.kind()) || !device.equals(link.parentDevice())) {
            return false;
        }
        return permanentMac == null
                ? mac != null && mac.equals(text(link.address()))
                : permanentMac.equals(text(link.permanentAddress()));
    }

    static @Nullable String text(@Nullable HardwareAddress address) {
        return address == null ? null : address.text();
    }

    List<PrefixedAddress> parsedAddresses() {
        return addresses.stream().map(PrefixedAddress::parse).toList();
    }
}
