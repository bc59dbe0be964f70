package io.multinic.e2e.harness;

import io.multinic.lab.run.Progress;
import io.multinic.lab.run.TextTable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Prints the outcome of each step when it ends, and a summary at the end of the run.
public final class StepReport {
    private static final int MAX_REASON_WIDTH = 100;

    private final Progress progress;
    private final Map<String, StepOutcome> outcomes = new LinkedHashMap<>();

    public StepReport(Progress progress) {
        this.progress = progress;
    }

    public void started(Step step) {
        progress.step(step.name() + ": " + step.description());
    }

    public void finished(Step step, StepOutcome outcome) {
        outcomes.put(step.name(), outcome);
        progress.step(
                switch (outcome) {
                    case StepOutcome.Passed passed -> "    ok, " + seconds(passed.time()) + " s: " + passed.result();
                    case StepOutcome.Failed failed ->
                        "    FAILED after " + seconds(failed.time()) + " s: " + step.description() + "\n"
                                + failed.reason().indent(8).stripTrailing();
                    case StepOutcome.NotRun notRun -> step.name() + ": NOT RUN, because " + notRun.because();
                });
    }

    public Map<String, StepOutcome> outcomes() {
        return Map.copyOf(outcomes);
    }

    /// True if every one of `steps` ran and passed.
    public boolean allPassed(List<Step> steps) {
        return !steps.isEmpty()
                && steps.stream().allMatch(step -> outcomes.get(step.name()) instanceof StepOutcome.Passed);
    }

    /// A table with one row for each step, and the number of steps that passed.
    public String summary(List<Step> steps) {
        var table = new TextTable("STEP", "RESULT", "TIME, s", "DETAIL");
        int passed = 0;
        for (Step step : steps) {
            switch (outcomes.getOrDefault(step.name(), new StepOutcome.NotRun("the run ended before it"))) {
                case StepOutcome.Passed one -> {
                    passed++;
                    table.row(step.name(), "ok", seconds(one.time()), step.description());
                }
                case StepOutcome.Failed one ->
                    table.row(step.name(), "FAILED", seconds(one.time()), firstLine(one.reason()));
                case StepOutcome.NotRun one -> table.row(step.name(), "NOT RUN", "", one.because());
            }
        }
        return "\n" + table + "\n\n" + passed + " of " + steps.size() + " steps passed";
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= MAX_REASON_WIDTH ? line : line.substring(0, MAX_REASON_WIDTH) + "…";
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0);
    }
}
