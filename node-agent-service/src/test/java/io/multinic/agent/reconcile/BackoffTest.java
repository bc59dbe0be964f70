package io.multinic.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), new Random(1));

    @Test
    void waitsDoubleUpToTheBoundAndHalfOfEachIsRandom() {
        for (long full : new long[] {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000}) {
            assertThat(backoff.next()).isBetween(Duration.ofMillis(full / 2), Duration.ofMillis(full));
        }
    }

    @Test
    void waitStartsOverAfterASuccess() {
        for (int i = 0; i < 100; i++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void longWaitsDoNotOverflow() {
        var longest = Duration.ofDays(365 * 200);
        var patient = new Backoff(Duration.ofNanos(1), longest, new Random(1));
        for (int i = 0; i < 200; i++) {
            assertThat(patient.next()).isBetween(Duration.ZERO, longest);
        }
    }

    @Test
    void firstWaitAboveTheLongestIsRefused() {
        assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1), new Random(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT2S");
    }
}
