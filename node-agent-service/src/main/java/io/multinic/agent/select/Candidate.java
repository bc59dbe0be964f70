package io.multinic.agent.select;

import io.multinic.contract.address.Cidr;
import org.jspecify.annotations.Nullable;

/// A NIC of this node that a network may use, as input of the selection.
///
/// @param masterNet the NIC's own network
/// @param linkUp false only if the link is known to be down
/// @param obstacle reason why the NIC cannot be used now, such as `is down`; null if it can
public record Candidate(
        String nic,
        Cidr masterNet,
        boolean linkUp,
        Hardware hardware,
        @Nullable String obstacle) {
    /// A NIC that can be used.
    public Candidate(String nic, Cidr masterNet, boolean linkUp, Hardware hardware) {
        this(nic, masterNet, linkUp, hardware, null);
    }

    boolean usable() {
        return obstacle == null;
    }

    /// Properties of a NIC that a policy compares.
    ///
    /// @param vendor PCI id, hexadecimal without 0x; null if it is unknown
    /// @param product PCI id, hexadecimal without 0x; null if it is unknown
    /// @param speedMbps 0 if it is unknown
    /// @param use of the NIC by live attachments
    public record Hardware(
            @Nullable String vendor, @Nullable String product, long speedMbps, NicUse use) {
        public static final Hardware UNKNOWN = new Hardware(null, null, 0, NicUse.NONE);

        /// For a message.
        String ids() {
            return vendor == null || product == null ? "unknown" : vendor + ":" + product;
        }

        /// Free bandwidth, for a message.
        String bandwidth() {
            if (speedMbps == 0) {
                return "speed unknown";
            }
            var capacity = new BandwidthSelector.Capacity(speedMbps, use.reservedMbps(), 0);
            return new Bandwidth(capacity.free()) + " of " + new Bandwidth(speedMbps) + " free";
        }
    }
}
