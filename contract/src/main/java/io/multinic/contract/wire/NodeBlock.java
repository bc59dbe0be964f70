package io.multinic.contract.wire;

/// Block with the node that owns it: an item of `GET /api/v1/networks/{name}/blocks`.
public record NodeBlock(String node, String nodeUid, NicBlock block) {}
