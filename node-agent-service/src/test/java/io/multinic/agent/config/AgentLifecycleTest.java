package io.multinic.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.config.AgentLifecycle.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentLifecycleTest {
    private final List<String> events = new ArrayList<>();

    private Part part(String name) {
        return Part.of(name, () -> events.add("start " + name), () -> events.add("stop " + name));
    }

    private static Part failing(String name, Exception failure) {
        return new Part(name, () -> {
            throw failure;
        });
    }

    @Test
    void partsStartInOrderAndStopInReverseOrder() {
        var lifecycle = new AgentLifecycle(List.of(part("a"), part("b"), Part.none()));
        lifecycle.start();
        assertThat(lifecycle.isRunning()).isTrue();
        lifecycle.stop();
        assertThat(lifecycle.isRunning()).isFalse();
        assertThat(events).containsExactly("start a", "start b", "stop b", "stop a");
    }

    @Test
    void partsBeforeOneThatDoesNotStartAreStopped() {
        var lifecycle = new AgentLifecycle(List.of(
                part("a"), part("b"), failing("c", new IllegalStateException("journal is damaged")), part("d")));
        assertThatThrownBy(lifecycle::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("journal is damaged");
        assertThat(lifecycle.isRunning()).isFalse();
        assertThat(events).containsExactly("start a", "start b", "stop b", "stop a");
    }

    @Test
    void checkedFailureOfAStartNamesThePart() {
        var lifecycle = new AgentLifecycle(List.of(failing("CNI socket", new IOException("in use"))));
        assertThatThrownBy(lifecycle::start)
                .hasMessage("CNI socket does not start")
                .hasRootCauseMessage("in use");
    }

    @Test
    void partThatDoesNotStopKeepsNoOtherFromStopping() {
        var stubborn = Part.of("b", () -> events.add("start b"), () -> {
            throw new IOException("busy");
        });
        var lifecycle = new AgentLifecycle(List.of(part("a"), stubborn, part("c")));
        lifecycle.start();
        lifecycle.stop();
        assertThat(events).containsExactly("start a", "start b", "start c", "stop c", "stop a");
    }

    @Test
    void stoppedAgentMayStopAgain() {
        var lifecycle = new AgentLifecycle(List.of(part("a")));
        lifecycle.start();
        lifecycle.stop();
        lifecycle.stop();
        assertThat(events).containsExactly("start a", "stop a");
    }
}
