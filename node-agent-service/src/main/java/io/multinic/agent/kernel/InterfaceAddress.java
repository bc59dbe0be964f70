package io.multinic.agent.kernel;

import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.util.EnumSet;
import java.util.Set;

/// An IP address of a link.
public record InterfaceAddress(int linkIndex, PrefixedAddress address, Set<Flag> flags) {
    public InterfaceAddress {
        flags = Set.copyOf(flags);
    }

    /// IFA_F_* of `<linux/if_addr.h>`; the first two can be requested, the others are observed only.
    public enum Flag {
        /// IPv6: usable at once, without duplicate address detection.
        NO_DAD(0x02),
        /// The kernel adds no route to the address's network.
        NO_PREFIX_ROUTE(0x200),
        SECONDARY(0x01),
        DAD_FAILED(0x08),
        DEPRECATED(0x20),
        TENTATIVE(0x40),
        PERMANENT(0x80);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }

        public int bit() {
            return bit;
        }
    }

    /// An address without duplicate address detection, since the plan guarantees that it is unique.
    public static InterfaceAddress of(int linkIndex, PrefixedAddress address) {
        Set<Flag> flags = address.address().family() == IpFamily.IPV6 ? Set.of(Flag.NO_DAD) : Set.of();
        return new InterfaceAddress(linkIndex, address, flags);
    }

    /// The same address without the kernel's route to its network.
    public InterfaceAddress withoutPrefixRoute() {
        var more = EnumSet.of(Flag.NO_PREFIX_ROUTE);
        more.addAll(flags);
        return new InterfaceAddress(linkIndex, address, more);
    }

    /// True for the same address on the same link, regardless of flags.
    public boolean sameAs(InterfaceAddress other) {
        return linkIndex == other.linkIndex && address.equals(other.address);
    }

    @Override
    public String toString() {
        return address + " on link " + linkIndex;
    }
}
