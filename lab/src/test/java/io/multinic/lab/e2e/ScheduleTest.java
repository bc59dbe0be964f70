package io.multinic.lab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.lab.LabException;
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
        return new Step(name, "a fact", List.of(needs), () -> "seen");
    }

    @Test
    void noChoiceIsEveryStep() {
        assertThat(ALL.chosenBy(" ")).isEqualTo(ALL);
    }

    @Test
    void chosenStepBringsWhatItNeedsInOrder() {
        assertThat(ALL.chosenBy("pods").steps()).containsExactly(INSTALL, NETWORK, PODS);
        assertThat(ALL.chosenBy("other, network").steps()).containsExactly(INSTALL, NETWORK, OTHER);
    }

    @Test
    void unknownStepIsAnErrorThatNamesTheKnownOnes() {
        assertThatThrownBy(() -> ALL.chosenBy("pods,nonsense"))
                .isInstanceOf(LabException.class)
                .hasMessage("no step nonsense; there are install, network, pods, other");
    }

    @Test
    void stepMustNotNeedALaterOne() {
        assertThatThrownBy(() -> new Schedule(List.of(NETWORK, INSTALL)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step network needs [install]");
    }

    @Test
    void nameIsGivenOnce() {
        assertThatThrownBy(() -> new Schedule(List.of(INSTALL, INSTALL))).hasMessageContaining("the name install");
    }

    @Test
    void onlyPassedStepsAreNotMissing() {
        Outcome passed = new Outcome.Passed("seen", Duration.ZERO);
        Outcome failed = new Outcome.Failed("why", Duration.ZERO);
        assertThat(Schedule.missing(NETWORK, Map.of("install", passed))).isEmpty();
        assertThat(Schedule.missing(NETWORK, Map.of("install", failed))).containsExactly("install");
        assertThat(Schedule.missing(NETWORK, Map.of())).containsExactly("install");
    }
}
