package io.multinic.controller.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PeriodicChecksTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicInteger quarantineChecks = new AtomicInteger();
    private final AtomicInteger sweeps = new AtomicInteger();

    static Stream<Supplier<Throwable>> failures() {
        return Stream.of(
                () -> new IllegalStateException("unexpected"),
                () -> new OutOfMemoryError("thrown by the test"),
                () -> new NoClassDefFoundError("thrown by the test"));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void fail(Throwable failure) throws T {
        throw (T) failure;
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failedSweepIsRepeatedSoon(Supplier<Throwable> failure) {
        var checks = new PeriodicChecks(() -> false, HOUR, () -> {
            sweeps.incrementAndGet();
            PeriodicChecksTest.<RuntimeException>fail(failure.get());
            return HOUR;
        });

        assertThat(checks.run()).isLessThan(Duration.ofMinutes(1)).isPositive();
        assertThat(sweeps).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failedQuarantineCheckDoesNotStopTheSweep(Supplier<Throwable> failure) {
        var checks = new PeriodicChecks(
                () -> {
                    quarantineChecks.incrementAndGet();
                    PeriodicChecksTest.<RuntimeException>fail(failure.get());
                    return false;
                },
                Duration.ofSeconds(1),
                () -> {
                    sweeps.incrementAndGet();
                    return HOUR;
                });

        checks.run();
        checks.run();

        assertThat(quarantineChecks).hasValue(2);
        assertThat(sweeps).hasValue(1);
    }

    @Test
    void newQuarantineTriggersTheSweepAtOnce() {
        var checks = new PeriodicChecks(() -> quarantineChecks.incrementAndGet() == 2, HOUR, () -> {
            sweeps.incrementAndGet();
            return HOUR;
        });
        checks.run();
        checks.run();
        checks.run();
        assertThat(sweeps).hasValue(2);
    }
}
