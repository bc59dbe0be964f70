package io.multinic.agent.kernel;

import org.jspecify.annotations.Nullable;

/// The desired properties of one end of a new link.
///
/// @param namespace its namespace; null for that of the stack that creates it
/// @param mtu 0 for the kernel's own choice (that of the parent)
/// @param address null for the kernel's own choice
/// @param up whether it is set up at once
/// @param group link group, by which links are deleted together; 0 is the default
public record LinkEnd(
        String name,
        @Nullable NetworkNamespace namespace,
        int mtu,
        @Nullable HardwareAddress address,
        boolean up,
        int group) {
    public LinkEnd {
        LinkName.require(name);
        if (mtu < 0) {
            throw new IllegalArgumentException("mtu " + mtu);
        }
    }

    /// An end that is up, in the stack's own namespace, with the kernel's defaults.
    public static LinkEnd of(String name) {
        return new LinkEnd(name, null, 0, null, true, 0);
    }

    public LinkEnd in(NetworkNamespace target) {
        return new LinkEnd(name, target, mtu, address, up, group);
    }

    public LinkEnd withMtu(int bytes) {
        return new LinkEnd(name, namespace, bytes, address, up, group);
    }

    public LinkEnd withAddress(HardwareAddress wanted) {
        return new LinkEnd(name, namespace, mtu, wanted, up, group);
    }

    public LinkEnd withGroup(int number) {
        return new LinkEnd(name, namespace, mtu, address, up, number);
    }

    public LinkEnd down() {
        return new LinkEnd(name, namespace, mtu, address, false, group);
    }
}
