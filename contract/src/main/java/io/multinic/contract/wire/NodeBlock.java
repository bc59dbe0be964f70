package io.multinic.contract.wire;

/// A block and the node that owns it: an item of `GET /api/v1/networks/{name}/blocks`.
public record NodeBlock(String node, String nodeUid, NicBlock block) {}
