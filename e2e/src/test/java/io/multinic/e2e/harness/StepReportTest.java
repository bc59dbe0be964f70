package io.multinic.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.run.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepReportTest {
    private static final Step INSTALL = new Step("install", "all is ready", List.of(), () -> "seen");
    private static final Step PODS = new Step("pods", "pods start", List.of("install"), () -> "seen");
    private static final List<Step> STEPS = List.of(INSTALL, PODS);
    private static final StepOutcome PASSED = new StepOutcome.Passed("5 pods", Duration.ofMillis(1234));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StepReport report = new StepReport(new Progress(new PrintStream(out, true, StandardCharsets.UTF_8)));

    @Test
    void runWithAllStepsPassedIsSuccessful() {
        report.finished(INSTALL, PASSED);
        report.finished(PODS, PASSED);
        assertThat(report.allPassed(STEPS)).isTrue();
        assertThat(report.summary(STEPS)).contains("2 of 2 steps passed");
    }

    @Test
    void stepThatDidNotRunMakesTheRunFail() {
        report.finished(INSTALL, PASSED);
        assertThat(report.allPassed(STEPS)).isFalse();
        report.finished(PODS, new StepOutcome.NotRun("install did not pass"));
        assertThat(report.allPassed(STEPS)).isFalse();
        assertThat(report.summary(STEPS)).contains("NOT RUN", "1 of 2 steps passed");
    }

    @Test
    void failedStepMakesTheRunFailAndItsReasonIsPrinted() {
        report.finished(INSTALL, new StepOutcome.Failed("no pod was ready\nmore of it", Duration.ofSeconds(3)));
        report.finished(PODS, PASSED);
        assertThat(report.allPassed(STEPS)).isFalse();
        assertThat(report.summary(STEPS))
                .contains("FAILED")
                .contains("no pod was ready")
                .doesNotContain("more of it");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("FAILED after 3.0 s")
                .contains("more of it");
    }

    @Test
    void runWithoutStepsIsNotSuccessful() {
        assertThat(report.allPassed(List.of())).isFalse();
    }
}
