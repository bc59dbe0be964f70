package io.multinic.controller.lifecycle;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the checks that no event triggers, on one thread: the check for a quarantine of ipam-service, and the node
/// sweep. A new quarantine triggers the sweep at once, because the retirement of a node may be the commit that was
/// lost, and the quarantine waits for that node.
///
/// A check that fails unexpectedly is logged and repeated; it does not delay the other one.
public final class PeriodicChecks {
    private static final Logger log = LoggerFactory.getLogger(PeriodicChecks.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

    private final BooleanSupplier quarantine;
    private final Duration period;
    private final Supplier<Duration> sweep;
    private long sweepDue = System.nanoTime();

    /// @param quarantine checks for a quarantine and returns true if a new one has started
    /// @param period time between two checks for a quarantine
    /// @param sweep compares the nodes and returns the time until the next comparison
    public PeriodicChecks(BooleanSupplier quarantine, Duration period, Supplier<Duration> sweep) {
        this.quarantine = quarantine;
        this.period = period;
        this.sweep = sweep;
    }

    /// Runs the checks that are due. Throws nothing.
    ///
    /// @return the time until the next one is due
    Duration run() {
        if (newQuarantine() || System.nanoTime() - sweepDue >= 0) {
            sweepDue = System.nanoTime() + sweepNodes().toNanos();
        }
        long left = Math.max(0, sweepDue - System.nanoTime());
        return Duration.ofNanos(Math.min(left, period.toNanos()));
    }

    private boolean newQuarantine() {
        try {
            return quarantine.getAsBoolean();
        } catch (Throwable e) {
            failed("check for a quarantine", e);
            return false;
        }
    }

    private Duration sweepNodes() {
        try {
            return sweep.get();
        } catch (Throwable e) {
            failed("node sweep", e);
            return AFTER_FAILURE;
        }
    }

    private static void failed(String check, Throwable failure) {
        log.atError().addKeyValue("check", check).setCause(failure).log("periodic check failed; it is repeated");
    }
}
