package io.multinic.e2e.harness;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.function.Supplier;

/// Polls a cluster whose API server may be unavailable for a moment.
public final class Poll {
    private static final Duration INTERVAL = Duration.ofMillis(200);

    private Poll() {}

    /// Waits until `problem` returns an empty string. A failed call counts as a problem and is retried.
    ///
    /// @param goal the awaited state, for the error message
    /// @param problem describes the difference between the current and the awaited state
    /// @throws LabException with the last problem
    public static void until(String goal, Duration limit, Supplier<String> problem) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            String current = current(problem);
            if (current.isEmpty()) {
                return;
            }
            if (System.nanoTime() - end > 0) {
                throw new LabException(goal + ": not after " + limit.toSeconds() + " s; " + current);
            }
            Deadline.pause(INTERVAL);
        }
    }

    private static String current(Supplier<String> problem) {
        try {
            return problem.get();
        } catch (KubernetesClientException | LabException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
