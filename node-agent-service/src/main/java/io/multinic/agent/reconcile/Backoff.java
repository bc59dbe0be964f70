package io.multinic.agent.reconcile;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Waits after consecutive failures: they double up to a bound, and half of each is random, so that many nodes that
/// lost the same server do not return at the same moment.
///
/// Not thread-safe: each loop has its own.
public final class Backoff {
    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private int failures;

    public Backoff(Duration first, Duration longest, RandomGenerator random) {
        if (!first.isPositive() || first.compareTo(longest) > 0) {
            throw new IllegalArgumentException("backoff from " + first + " to " + longest);
        }
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /// The wait after one more failure: between half and the whole of `first * 2^failures`, at most `longest`.
    public Duration next() {
        long full = longest.toNanos();
        if (failures < Long.numberOfLeadingZeros(first.toNanos()) - 1) {
            full = Math.min(full, first.toNanos() << failures);
            failures++;
        }
        return Duration.ofNanos(full / 2 + random.nextLong(full - full / 2 + 1));
    }

    /// Records a success: the next wait is the first again.
    public void reset() {
        failures = 0;
    }
}
