package io.multinic.controller.lifecycle;

import io.multinic.controller.ipam.QuarantineWatch;
import io.multinic.controller.reconcile.node.NodeSweep;
import java.time.Duration;

/// Runs the checks that no event triggers, on one thread: the check for a quarantine of ipam-service, and the node
/// sweep. A new quarantine triggers the sweep at once, because the retirement of a node may be the commit that was
/// lost, and the quarantine waits for that node.
public final class PeriodicChecks {
    private final QuarantineWatch quarantine;
    private final Duration period;
    private final NodeSweep sweep;
    private long sweepDue = System.nanoTime();

    /// @param period time between two checks for a quarantine
    public PeriodicChecks(QuarantineWatch quarantine, Duration period, NodeSweep sweep) {
        this.quarantine = quarantine;
        this.period = period;
        this.sweep = sweep;
    }

    /// Runs the checks that are due.
    ///
    /// @return the time until the next one is due
    Duration run() {
        if (quarantine.check() || System.nanoTime() - sweepDue >= 0) {
            sweepDue = System.nanoTime() + sweep.check().toNanos();
        }
        long left = Math.max(0, sweepDue - System.nanoTime());
        return Duration.ofNanos(Math.min(left, period.toNanos()));
    }
}
