package io.multinic.contract.wire;

import java.time.Instant;

/// Proof that the holder of an address is gone: observed at `observedAt`, by the person or program in `by`.
public record ReleaseProof(Kind kind, Instant observedAt, String by) {
    /// Kinds of proof.
    public enum Kind {
        /// The API server's own answer has no such pod.
        POD_ABSENT,
        /// The node's container runtime has no such sandbox.
        SANDBOX_ABSENT,
        /// The API server's own answer has no such node.
        NODE_ABSENT,
        /// The machine is off, or has been wiped.
        MACHINE_OFF
    }
}
