package io.multinic.ipam.plan;

/// NIC that got no block, or to which peers have no route, with the reason.
public record Unplaced(String nodeUid, String nic, String reason) {}
