package io.multinic.controller.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ObjectBackoffTest {
    private final ObjectBackoff backoff = new ObjectBackoff(Duration.ofSeconds(1), Duration.ofSeconds(4));

    @Test
    void waitOfEachObjectDoublesUpToTheLongestAndStartsAgainAfterASuccess() {
        for (int longest : new int[] {1, 2, 4, 4}) {
            assertThat(backoff.next("a")).isBetween(Duration.ofMillis(500L * longest), Duration.ofSeconds(longest));
        }
        assertThat(backoff.next("b")).as("another object").isLessThanOrEqualTo(Duration.ofSeconds(1));
        backoff.reset("a");
        assertThat(backoff.next("a")).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }
}
