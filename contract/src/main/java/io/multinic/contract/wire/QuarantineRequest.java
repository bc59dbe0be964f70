package io.multinic.contract.wire;

/// Why no new index shall be given out until all nodes have stated their blocks: `POST /api/v1/quarantine`.
public record QuarantineRequest(String reason) {}
