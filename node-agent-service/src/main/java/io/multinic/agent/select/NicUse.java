package io.multinic.agent.select;

/// The use of a NIC by live attachments.
///
/// @param attachments the number of pod interfaces on it
/// @param reservedMbps the bandwidth that they have reserved
public record NicUse(int attachments, long reservedMbps) {
    public static final NicUse NONE = new NicUse(0, 0);

    public NicUse plus(NicUse other) {
        return new NicUse(attachments + other.attachments, reservedMbps + other.reservedMbps);
    }
}
