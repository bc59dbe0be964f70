package io.multinic.e2e.harness;

import java.time.Duration;

/// The outcome of a step. Only `Passed` counts as success.
public sealed interface StepOutcome {
    record Passed(String result, Duration time) implements StepOutcome {}

    record Failed(String reason, Duration time) implements StepOutcome {}

    /// `because` names the failed prerequisite, or the event that ended the run.
    record NotRun(String because) implements StepOutcome {}
}
