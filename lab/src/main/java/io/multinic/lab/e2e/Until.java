package io.multinic.lab.e2e;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.lab.Deadline;
import io.multinic.lab.LabException;
import java.time.Duration;
import java.util.function.Supplier;

/// Waits on a cluster, whose API server may be away for a moment.
final class Until {
    private static final Duration STEP = Duration.ofMillis(200);

    private Until() {}

    /// Waits until `missing` returns nothing; what it returns says what is still wanted, or what is wrong.
    ///
    /// @throws LabException with what was missing last
    static void nothing(String what, Duration limit, Supplier<String> missing) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            String seen = now(missing);
            if (seen.isEmpty()) {
                return;
            }
            if (System.nanoTime() - end > 0) {
                throw new LabException(what + ": not after " + limit.toSeconds() + " s; " + seen);
            }
            Deadline.pause(STEP);
        }
    }

    private static String now(Supplier<String> missing) {
        try {
            return missing.get();
        } catch (KubernetesClientException | LabException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
