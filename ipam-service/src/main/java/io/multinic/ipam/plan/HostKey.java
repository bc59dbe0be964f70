package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;

/// What a host index is given to: one NIC of one node in one network of NICs. The node is its UID, never its name.
public record HostKey(String nodeUid, String nic, Cidr masterNet) {}
