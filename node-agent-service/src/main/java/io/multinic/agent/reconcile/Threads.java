package io.multinic.agent.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How the threads of loops end.
public final class Threads {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Threads() {}

    /// Interrupts a thread and waits a few seconds for its end, so that what it uses can be closed.
    public static void end(@Nullable Thread thread) {
        if (thread == null) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
