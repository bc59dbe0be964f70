package io.multinic.agent.nic;

import org.jspecify.annotations.Nullable;

/// Hardware of a link as sysfs describes it; a component that sysfs does not provide is null.
///
/// @param vendor PCI id, four hexadecimal digits without 0x
/// @param product PCI id, four hexadecimal digits without 0x
/// @param numaNode null also where the platform has none
public record DeviceFacts(
        @Nullable String pciAddress,
        @Nullable String vendor,
        @Nullable String product,
        @Nullable String driver,
        @Nullable Integer numaNode,
        @Nullable Integer speedMbps) {
    public static final DeviceFacts NONE = new DeviceFacts(null, null, null, null, null, null);

    /// These facts, with the missing ones taken from `other`.
    DeviceFacts orElse(DeviceFacts other) {
        return new DeviceFacts(
                either(pciAddress, other.pciAddress),
                either(vendor, other.vendor),
                either(product, other.product),
                either(driver, other.driver),
                either(numaNode, other.numaNode),
                either(speedMbps, other.speedMbps));
    }

    static <T> @Nullable T either(@Nullable T value, @Nullable T otherwise) {
        return value != null ? value : otherwise;
    }
}
