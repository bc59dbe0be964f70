package io.multinic.ipam.poll;

import io.multinic.contract.wire.PlanUpdate;

/// What an agent must hear, as far as it can be told for many at once.
public sealed interface PollAnswer {
    /// It knows its plan, or keeps the one it knows.
    record Unchanged() implements PollAnswer {}

    record Change(PlanUpdate update) implements PollAnswer {}

    /// It must open a session first: what it knows may be more than the database does.
    record SessionNeeded() implements PollAnswer {}

    /// Its own blocks have changed, or what it knows is too old or of another database.
    record WholePlan() implements PollAnswer {}
}
