package io.multinic.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final Step INSTALL = step("install");
    private static final Step NETWORK = step("network", "install");
    private static final Step PODS = step("pods", "network");
    private static final Step OTHER = step("other", "install");
    private static final Schedule ALL = new Schedule(List.of(INSTALL, NETWORK, PODS, OTHER));

    private static Step step(String name, String... needs) {
        return new Step(name, "a description", List.of(needs), () -> "seen");
    }

    @Test
    void blankSelectionSelectsEveryStep() {
        assertThat(ALL.chosenBy(" ")).isEqualTo(ALL);
    }

    @Test
    void selectedStepIncludesItsPrerequisitesInOrder() {
        assertThat(ALL.chosenBy("pods").steps()).containsExactly(INSTALL, NETWORK, PODS);
        assertThat(ALL.chosenBy("other, network").steps()).containsExactly(INSTALL, NETWORK, OTHER);
    }

    @Test
    void unknownStepIsRejectedWithTheListOfSteps() {
        assertThatThrownBy(() -> ALL.chosenBy("pods,nonsense"))
                .isInstanceOf(LabException.class)
                .hasMessage("no step nonsense; there are install, network, pods, other");
    }

    @Test
    void stepThatNeedsALaterOneIsRejected() {
        assertThatThrownBy(() -> new Schedule(List.of(NETWORK, INSTALL)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step network needs [install]");
    }

    @Test
    void duplicateStepNameIsRejected() {
        assertThatThrownBy(() -> new Schedule(List.of(INSTALL, INSTALL))).hasMessageContaining("the name install");
    }

    @Test
    void prerequisiteIsMissingUnlessItPassed() {
        StepOutcome passed = new StepOutcome.Passed("seen", Duration.ZERO);
        StepOutcome failed = new StepOutcome.Failed("why", Duration.ZERO);
        assertThat(Schedule.missing(NETWORK, Map.of("install", passed))).isEmpty();
        assertThat(Schedule.missing(NETWORK, Map.of("install", failed))).containsExactly("install");
        assertThat(Schedule.missing(NETWORK, Map.of())).containsExactly("install");
    }
}
