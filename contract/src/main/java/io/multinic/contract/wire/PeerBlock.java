package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;

/// A block of another node, and the address of the NIC of that node through which it is reached.
public record PeerBlock(String node, int interfaceIndex, Cidr podBlock, IpAddress via) {}
