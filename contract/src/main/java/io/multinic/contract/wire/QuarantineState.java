package io.multinic.contract.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// State of the quarantine, during which no new indexes are assigned: `GET /api/v1/quarantine`.
///
/// `generation` increases with each quarantine; nodes must state their blocks for each. `since`, `reason` and `ended`
/// are those of the last one, absent or empty if there was none; while `active`, `ended` is absent. `waitingFor` lists
/// nodes that have not stated their blocks, at most 1000 of `waiting`. `unsettled` lists blocks, at most 1000, that
/// nodes have stated and that the database cannot confirm as theirs; they are not assigned to any node.
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

    /// Block as a node states it, with the reason why it is not the node's.
    public record Unsettled(String node, String nodeUid, StatedBlock block, String reason, Instant statedAt) {}
}
