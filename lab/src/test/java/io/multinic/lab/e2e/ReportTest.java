package io.multinic.lab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Step INSTALL = new Step("install", "all is ready", List.of(), () -> "seen");
    private static final Step PODS = new Step("pods", "pods start", List.of("install"), () -> "seen");
    private static final List<Step> STEPS = List.of(INSTALL, PODS);
    private static final Outcome PASSED = new Outcome.Passed("5 pods", Duration.ofMillis(1234));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Report report = new Report(new Progress(new PrintStream(out, true, StandardCharsets.UTF_8)));

    @Test
    void allPassedIsGreen() {
        report.ends(INSTALL, PASSED);
        report.ends(PODS, PASSED);
        assertThat(report.green(STEPS)).isTrue();
        assertThat(report.summary(STEPS)).contains("2 of 2 steps passed");
    }

    @Test
    void stepThatDidNotRunIsNotGreen() {
        report.ends(INSTALL, PASSED);
        assertThat(report.green(STEPS)).isFalse();
        report.ends(PODS, new Outcome.NotRun("install did not pass"));
        assertThat(report.green(STEPS)).isFalse();
        assertThat(report.summary(STEPS)).contains("NOT RUN", "1 of 2 steps passed");
    }

    @Test
    void failedStepIsNotGreenAndItsReasonIsShown() {
        report.ends(INSTALL, new Outcome.Failed("no pod was ready\nmore of it", Duration.ofSeconds(3)));
        report.ends(PODS, PASSED);
        assertThat(report.green(STEPS)).isFalse();
        assertThat(report.summary(STEPS))
                .contains("FAILED")
                .contains("no pod was ready")
                .doesNotContain("more of it");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("FAILED after 3.0 s")
                .contains("more of it");
    }

    @Test
    void noStepsAreNotGreen() {
        assertThat(report.green(List.of())).isFalse();
    }
}
