package io.multinic.contract.wire;

import io.multinic.contract.address.IpAddress;

/// Who holds an address: the pod, its sandbox (`containerId`) and attachment (`ifName`, such as `net1`), and the
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
    /// Characters of a Kubernetes name, and of what a ledger takes for any of the texts.
    public static final int MAX_TEXT = 253;
}
