package io.multinic.contract.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | PT0S",
                " 120 | PT2M",
                "999999999 | PT277777H46M39S",
                "Mon, 02 Mar 2026 10:00:30 GMT | PT30S",
                "Mon, 02 Mar 2026 09:00:00 GMT | PT0S",
                "9999999999999999999999 |",
                "-5 |",
                "1.5 |",
                "soon |",
                "'' |"
            })
    void readsSecondsAndDatesAndNothingElse(String header, Duration expected) {
        assertThat(RetryAfter.parse(header, NOW)).isEqualTo(Optional.ofNullable(expected));
    }
}
