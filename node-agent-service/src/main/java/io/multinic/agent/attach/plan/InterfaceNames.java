package io.multinic.agent.attach.plan;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.LinkName;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// Names of links: `<ifname>-<i>` or `<ifname>` in the pod, a hash on the host.
///
/// An interface name that the pod requests is used as it is if the pod gets one interface. The names that Multus gives
/// by default always get an index, as in the original: `net1-0`.
public final class InterfaceNames {
    private static final String HOST_PREFIX = "mnv";

    /// Names that Multus gives where the pod requests none.
    private static final Pattern DEFAULT = Pattern.compile("net\\d+");

    private InterfaceNames() {}

    /// @param count number of the pod's interfaces
    /// @throws MultiNicException INVALID_ENVIRONMENT if the kernel has no room for the name
    static String podInterface(AttachmentKey key, int index, int count) {
        if (count == 1 && !DEFAULT.matcher(key.ifName()).matches()) {
            return key.ifName();
        }
        String name = key.ifName() + "-" + index;
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LinkName.MAX_BYTES) {
            throw new MultiNicException(
                    ErrorCode.INVALID_ENVIRONMENT,
                    "CNI_IFNAME '" + key.ifName() + "' is too long for " + count + " interfaces: interface name " + name
                            + " has " + bytes + " bytes, Linux allows " + LinkName.MAX_BYTES
                            + "; request a shorter interface name, or one interface by nics in cni-args");
        }
        return name;
    }

    /// Derived from key and index, so that DEL finds the link after any crash; 48 bits of hash make a collision
    /// unlikely.
    public static String hostEnd(AttachmentKey key, int index) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest((key + "/" + index).getBytes(StandardCharsets.UTF_8));
            return HOST_PREFIX + HexFormat.of().formatHex(hash, 0, (LinkName.MAX_BYTES - HOST_PREFIX.length()) / 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
