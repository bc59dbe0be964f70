package io.multinic.controller.kubernetes;

import io.multinic.contract.retry.Backoff;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// One [Backoff] for each object that is reconciled, by its name. Thread-safe.
public final class ObjectBackoff {
    private final Duration first;
    private final Duration longest;
    private final Map<String, Backoff> failing = new ConcurrentHashMap<>();

    public ObjectBackoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    /// The wait after one more failure of the object.
    public Duration next(String object) {
        Backoff backoff =
                failing.computeIfAbsent(object, _ -> new Backoff(first, longest, RandomGenerator.getDefault()));
        synchronized (backoff) {
            return backoff.next();
        }
    }

    /// Forgets the failures of the object.
    public void reset(String object) {
        failing.remove(object);
    }
}
