package io.multinic.contract.wire;

import io.multinic.contract.address.IpAddress;

/// Who holds an address: the pod, its sandbox (`containerId`) and attachment (`ifName`, such as `net1`), and the
/// interface in the pod (`podInterface`, such as `net1-0`) on the node's `nic`.
public record Allocation(
        String network,
        IpAddress address,
        String nic,
        PodRef pod,
        String containerId,
        String ifName,
        String podInterface) {}
