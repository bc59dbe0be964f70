package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;

/// Key of a host index: one NIC of one node in one NIC network. The node is identified by its UID, never by its name.
public record HostKey(String nodeUid, String nic, Cidr masterNet) {}
