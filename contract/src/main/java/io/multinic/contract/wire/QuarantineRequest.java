package io.multinic.contract.wire;

/// Request, with its reason, to assign no new indexes until all nodes have stated their blocks: `POST /api/v1/quarantine`.
public record QuarantineRequest(String reason) {}
