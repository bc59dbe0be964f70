package io.multinic.contract.wire;

import io.multinic.contract.address.IpAddress;
import java.util.Optional;
import java.util.stream.Stream;

/// Holder of an address: the pod, its sandbox (`containerId`) and attachment (`ifName`, such as `net1`), and the
/// interface in the pod (`podInterface`, such as `net1-0`) on the node's `nic`.
/// No text is longer than `MAX_TEXT`.
public record Allocation(
        String network,
        IpAddress address,
        String nic,
        PodRef pod,
        String containerId,
        String ifName,
        String podInterface) {
    /// Largest number of characters of each text: that of a Kubernetes name.
    public static final int MAX_TEXT = 253;

    /// The reason why the ledger would refuse this, such as "containerId is empty". An allocation is checked before it
    /// is recorded, because an event that the ledger refuses would block all later events.
    public Optional<String> fault() {
        return Stream.of(
                        missing("network", network),
                        missing("nic", nic),
                        missing("containerId", containerId),
                        missing("ifName", ifName),
                        missing("podInterface", podInterface),
                        unusable("pod.namespace", pod.namespace()),
                        unusable("pod.name", pod.name()),
                        unusable("pod.uid", pod.uid()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> missing(String field, String value) {
        return value.isBlank() ? Optional.of(field + " is empty") : unusable(field, value);
    }

    private static Optional<String> unusable(String field, String value) {
        long length = value.codePoints().count();
        if (length > MAX_TEXT) {
            return Optional.of(field + " has " + length + " characters; at most " + MAX_TEXT + " are allowed");
        }
        if (value.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            return Optional.of(field + " has half of a surrogate pair, which is no character");
        }
        return value.indexOf('\0') >= 0 ? Optional.of(field + " has a NUL character") : Optional.empty();
    }
}
