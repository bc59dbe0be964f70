package io.multinic.ipam.plan;

/// A NIC that got no block, or that peers have no route to, and why.
public record Unplaced(String nodeUid, String nic, String reason) {}
