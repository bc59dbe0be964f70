package io.multinic.ipam.truth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Stands still until a walk lets time pass.
final class SteppedClock implements InstantSource {
    private Instant now;

    SteppedClock(Instant start) {
        now = start;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
    }
}
