package io.multinic.ipam.poll;

import io.multinic.contract.wire.PlanUpdate;

/// Answer to a poll, as far as it can be computed for many agents at once.
public sealed interface PollAnswer {
    /// The agent's plan is current, or it keeps the one it has during quarantine.
    record Unchanged() implements PollAnswer {}

    record Change(PlanUpdate update) implements PollAnswer {}

    /// The agent must open a session first: it may have data that the database lost.
    record SessionNeeded() implements PollAnswer {}

    /// The agent needs its whole plan: its own blocks changed, or its revision is too old or of another
    /// incarnation.
    record WholePlan() implements PollAnswer {}
}
