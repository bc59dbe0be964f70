package io.multinic.controller.decision;

/// The time of an object's next reconciliation, if no event comes before.
public enum NextReconciliation {
    /// Something failed that may succeed later: retry with backoff.
    RETRY,
    /// Hosts have not finished; their reports trigger the next reconciliation.
    WAIT_FOR_HOSTS,
    /// Nothing is left to do.
    RESYNC
}
