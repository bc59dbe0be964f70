package io.multinic.contract.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether new indexes are given out: `GET /api/v1/quarantine`.
///
/// `generation` counts what nodes must answer for: it grows with each quarantine. `since`, `reason` and
/// `ended` are of the last one, absent or empty if there was none; while `active`, `ended` is absent.
/// `waitingFor` are nodes that have not said which blocks they have, 1000 at most of `waiting`. `unsettled`
/// are blocks that nodes have stated and that cannot be theirs now, 1000 at most; none of them is given to
/// anybody.
public record QuarantineState(
        boolean active,
        int generation,
        @Nullable Instant since,
        String reason,
        @Nullable Instant ended,
        long waiting,
        List<Waiting> waitingFor,
        List<Unsettled> unsettled) {
    public QuarantineState {
        waitingFor = List.copyOf(waitingFor);
        unsettled = List.copyOf(unsettled);
    }

    /// A node that must state its blocks or be retired.
    public record Waiting(String node, String nodeUid) {}

    /// A block as a node states it, and why it is not the node's.
    public record Unsettled(String node, String nodeUid, StatedBlock block, String reason, Instant statedAt) {}
}
