package io.multinic.contract.wire;

/// Request to assign no new indexes until all nodes have stated their blocks, with its reason:
/// `POST /api/v1/quarantine`.
public record QuarantineRequest(String reason) {}
