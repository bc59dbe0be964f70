package io.multinic.lab.e2e;

import io.multinic.lab.Progress;
import io.multinic.lab.TextTable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What became of each step: told when it happens, and all of it again at the end.
final class Report {
    private static final int WIDEST = 100;

    private final Progress progress;
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

    Report(Progress progress) {
        this.progress = progress;
    }

    void begins(Step step) {
        progress.step(step.name() + ": " + step.fact());
    }

    void ends(Step step, Outcome outcome) {
        outcomes.put(step.name(), outcome);
        progress.step(
                switch (outcome) {
                    case Outcome.Passed passed -> "    ok, " + seconds(passed.time()) + " s: " + passed.seen();
                    case Outcome.Failed failed ->
                        "    FAILED after " + seconds(failed.time()) + " s: " + step.fact() + "\n"
                                + failed.reason().indent(8).stripTrailing();
                    case Outcome.NotRun notRun -> step.name() + ": NOT RUN, because " + notRun.because();
                });
    }

    Map<String, Outcome> outcomes() {
        return Map.copyOf(outcomes);
    }

    /// Whether every one of `steps` ran and passed.
    boolean green(List<Step> steps) {
        return !steps.isEmpty() && steps.stream().allMatch(step -> outcomes.get(step.name()) instanceof Outcome.Passed);
    }

    /// One line for each step, and the count.
    String summary(List<Step> steps) {
        var table = new TextTable("STEP", "RESULT", "TIME, s", "WHAT");
        int passed = 0;
        for (Step step : steps) {
            switch (outcomes.getOrDefault(step.name(), new Outcome.NotRun("the run ended before it"))) {
                case Outcome.Passed one -> {
                    passed++;
                    table.row(step.name(), "ok", seconds(one.time()), step.fact());
                }
                case Outcome.Failed one ->
                    table.row(step.name(), "FAILED", seconds(one.time()), firstLine(one.reason()));
                case Outcome.NotRun one -> table.row(step.name(), "NOT RUN", "", one.because());
            }
        }
        return "\n" + table + "\n\n" + passed + " of " + steps.size() + " steps passed";
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= WIDEST ? line : line.substring(0, WIDEST) + "…";
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0);
    }
}
