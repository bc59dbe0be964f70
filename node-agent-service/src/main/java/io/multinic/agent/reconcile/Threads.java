package io.multinic.agent.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Ends the threads of loops.
public final class Threads {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private Threads() {}

    /// Interrupts a thread and waits a few seconds for its end, so that the resources it uses can be closed.
    public static void end(@Nullable Thread thread) {
        if (thread == null) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
