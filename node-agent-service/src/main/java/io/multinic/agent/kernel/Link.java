package io.multinic.agent.kernel;

import org.jspecify.annotations.Nullable;

/// A link as the kernel reports it, like a line of `ip -details link`.
///
/// @param kind `macvlan`, `ipvlan`, `veth`, …; empty for hardware and `lo`
/// @param mode mode of a macvlan or ipvlan as `ip` writes it (`bridge`, `l3`), else empty
/// @param flags the IFF_* bits of `<net/if.h>`
/// @param masterIndex index of the bridge, bond or VRF that it belongs to; 0 if none
/// @param parentIndex index of the link it sits on, or of a veth's peer; 0 if none
/// @param parentNamespaceId the kernel's number for the parent's namespace; -1 if the parent is in this one
/// @param alias free text, empty if none
/// @param parentDevice name on the bus, such as the PCI address `0000:3b:00.0`; empty if unknown
/// @param permanentAddress hardware address that the device was made with; null if it has none, as virtual links
public record Link(
        int index,
        String name,
        String kind,
        String mode,
        int flags,
        OperState operState,
        int mtu,
        @Nullable HardwareAddress address,
        int masterIndex,
        int parentIndex,
        int parentNamespaceId,
        int group,
        String alias,
        String parentDevice,
        @Nullable HardwareAddress permanentAddress) {
    private static final int IFF_UP = 0x1;
    private static final int IFF_LOOPBACK = 0x8;
    private static final int IFF_LOWER_UP = 0x10000;

    /// A link without permanent hardware address.
    public Link(
            int index,
            String name,
            String kind,
            String mode,
            int flags,
            OperState operState,
            int mtu,
            @Nullable HardwareAddress address,
            int masterIndex,
            int parentIndex,
            int parentNamespaceId,
            int group,
            String alias,
            String parentDevice) {
        this(
                index,
                name,
                kind,
                mode,
                flags,
                operState,
                mtu,
                address,
                masterIndex,
                parentIndex,
                parentNamespaceId,
                group,
                alias,
                parentDevice,
                null);
    }

    /// RFC 2863 operational state, in the order of the kernel's IF_OPER_* numbers.
    public enum OperState {
        UNKNOWN,
        NOT_PRESENT,
        DOWN,
        LOWER_LAYER_DOWN,
        TESTING,
        DORMANT,
        UP
    }

    /// The link is administratively up.
    public boolean up() {
        return (flags & IFF_UP) != 0;
    }

    /// The link has carrier.
    public boolean lowerUp() {
        return (flags & IFF_LOWER_UP) != 0;
    }

    public boolean loopback() {
        return (flags & IFF_LOOPBACK) != 0;
    }
}
