package io.multinic.controller.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MissingNodesTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void nodeIsGoneAfterItWasMissingInTwoChecksWithTimeBetween() {
        var once = MissingNodes.NONE.check(List.of("a", "b"), Set.of("b"), T0);
        assertThat(once.isGone("a", T0, MINUTE)).isFalse();
        var twice = once.check(List.of("a", "b"), Set.of("b"), T0.plus(MINUTE));
        assertThat(twice.isGone("a", T0.plus(MINUTE), MINUTE)).isTrue();
        assertThat(twice.isGone("b", T0.plus(MINUTE), MINUTE)).isFalse();
    }

    @Test
    void twoChecksWithTooLittleTimeBetweenAreNoProof() {
        var twice = MissingNodes.NONE
                .check(List.of("a"), Set.of("b"), T0)
                .check(List.of("a"), Set.of("b"), T0.plusSeconds(59));
        assertThat(twice.isGone("a", T0.plusSeconds(59), MINUTE)).isFalse();
        assertThat(twice.isGone("a", T0.plusSeconds(59), Duration.ZERO)).isTrue();
    }

    @Test
    void oneCheckIsNeverAProof() {
        var once = MissingNodes.NONE.check(List.of("a"), Set.of("b"), T0);
        assertThat(once.isGone("a", T0, Duration.ZERO)).isFalse();
    }

    @Test
    void nodeThatWasPresentMeanwhileMustBeMissingTwiceAgain() {
        var seen = MissingNodes.NONE
                .check(List.of("a"), Set.of("b"), T0)
                .check(List.of("a"), Set.of("a", "b"), T0.plus(MINUTE))
                .check(List.of("a"), Set.of("b"), T0.plus(MINUTE.multipliedBy(2)));
        assertThat(seen.isGone("a", T0.plus(MINUTE.multipliedBy(2)), MINUTE)).isFalse();
    }

    @Test
    void emptyClusterIsNoProof() {
        var empty =
                MissingNodes.NONE.check(List.of("a"), Set.of("b"), T0).check(List.of("a"), Set.of(), T0.plus(MINUTE));
        assertThat(empty.isGone("a", T0.plus(MINUTE), MINUTE)).isFalse();
        assertThat(empty).isEqualTo(MissingNodes.NONE);
    }
}
