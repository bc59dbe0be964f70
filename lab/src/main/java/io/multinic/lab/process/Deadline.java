package io.multinic.lab.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for conditions that other processes bring about.
public final class Deadline {
    private static final Duration INTERVAL = Duration.ofMillis(20);

    private Deadline() {}

    /// Polls `reached` until it is true.
    ///
    /// @param goal the awaited condition, for the error message
    /// @param state describes the current state, for the error message
    /// @throws LabException if `reached` is not true within `limit`
    public static void await(String goal, Duration limit, BooleanSupplier reached, Supplier<String> state) {
        long end = System.nanoTime() + limit.toNanos();
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new LabException(goal + ": not after " + limit.toSeconds() + " s; " + state.get());
            }
            pause(INTERVAL);
        }
    }

    public static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }
}
