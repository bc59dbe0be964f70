package io.multinic.agent.select;

import io.multinic.contract.address.Cidr;

/// A NIC of this node that a network may use, as input of the selection.
///
/// @param masterNet the NIC's own network
/// @param linkUp false only if the link is known to be down
public record Candidate(String nic, Cidr masterNet, boolean linkUp) {}
