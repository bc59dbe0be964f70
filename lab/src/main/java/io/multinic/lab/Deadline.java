package io.multinic.lab;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for something that comes true by the work of another process.
public final class Deadline {
    private static final Duration STEP = Duration.ofMillis(50);

    private Deadline() {}

    /// @throws LabException with what was last `seen`, where `reached` is not true in time
    public static void await(String what, Duration limit, BooleanSupplier reached, Supplier<String> seen) {
        long end = System.nanoTime() + limit.toNanos();
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new LabException(what + ": not after " + limit.toSeconds() + " s; " + seen.get());
            }
            pause(STEP);
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
