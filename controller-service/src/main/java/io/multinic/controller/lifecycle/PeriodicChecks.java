package io.multinic.controller.config;

import io.multinic.controller.kubernetes.LostCommits;
import io.multinic.controller.kubernetes.NodeSweep;
import java.time.Duration;

/// What is asked of ipam-service without an event, by one thread: whether it lost commits, and now and then whether it
/// knows nodes that are gone. At a loss the latter at once: the retirement of a node may be what was lost, and
/// quarantine would wait for it.
final class IpamRounds {
    private final LostCommits lost;
    private final Duration period;
    private final NodeSweep sweep;
    private long sweepDue = System.nanoTime();

    /// @param period from one look for lost commits to the next
    IpamRounds(LostCommits lost, Duration period, NodeSweep sweep) {
        this.lost = lost;
        this.period = period;
        this.sweep = sweep;
    }

    /// One round. Returns how long it is to the next one.
    Duration next() {
        if (lost.look() || System.nanoTime() - sweepDue >= 0) {
            sweepDue = System.nanoTime() + sweep.look().toNanos();
        }
        long left = Math.max(0, sweepDue - System.nanoTime());
        return Duration.ofNanos(Math.min(left, period.toNanos()));
    }
}
