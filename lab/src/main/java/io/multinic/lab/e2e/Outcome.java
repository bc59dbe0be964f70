package io.multinic.lab.e2e;

import java.time.Duration;

/// What became of a step. Only `Passed` is green: a step that did not run shows nothing.
sealed interface Outcome {
    record Passed(String seen, Duration time) implements Outcome {}

    record Failed(String reason, Duration time) implements Outcome {}

    /// `because` names the step that it needed, or what ended the run.
    record NotRun(String because) implements Outcome {}
}
