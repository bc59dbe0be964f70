package io.multinic.contract.wire;

import java.time.Instant;

/// That something was seen to be gone: `observedAt` is when, `by` says by whom or what.
public record ReleaseProof(Kind kind, Instant observedAt, String by) {
    /// What was gone.
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
