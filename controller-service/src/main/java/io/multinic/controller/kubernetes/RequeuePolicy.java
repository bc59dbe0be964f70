package io.multinic.controller.kubernetes;

import java.time.Duration;

/// Times after which an object is reconciled again without an event.
///
/// @param first after the first failure; doubles with each failure in a row
/// @param longest longest wait after a failure
/// @param waiting while hosts have not finished; normally their reports trigger the next reconciliation, this is for a
///     report that was lost
/// @param resync when nothing is left to do
public record RequeuePolicy(Duration first, Duration longest, Duration waiting, Duration resync) {}
