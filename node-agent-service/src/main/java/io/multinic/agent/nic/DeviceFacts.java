package io.multinic.agent.nic;

import org.jspecify.annotations.Nullable;

/// What sysfs tells of the hardware behind a link; each is null where it does not say.
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
    static final DeviceFacts NONE = new DeviceFacts(null, null, null, null, null, null);
}
