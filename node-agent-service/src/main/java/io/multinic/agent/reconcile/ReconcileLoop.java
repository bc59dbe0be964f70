package io.multinic.agent.reconcile;

import io.multinic.contract.retry.Backoff;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one reconciler: soon after a wake-up, again after a failure, and periodically for changes without an event.
///
/// Level-triggered: a wake-up carries no information about the change, and all wake-ups before a run cause one run.
/// Runs never overlap. A run that throws anything is logged once and retried.
public final class ReconcileLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReconcileLoop.class);

    /// Time until the next run if not even the failure of a run could be handled.
    private static final Duration AFTER_ERROR = Duration.ofSeconds(10);

    private final String name;
    private final Pace pace;
    private final Reconciler reconciler;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean woken = true;
    private volatile boolean closed;
    private boolean failing;
    private final EndlessLoop loop;
    private Duration wait;

    /// Brings the observed state to the desired one.
    @FunctionalInterface
    public interface Reconciler {
        /// @return true if the desired state was reached; if not, the reconciler is run again without a wake-up
        boolean reconcile();
    }

    /// @param settle time between a wake-up and its run, in which further wake-ups are collected
    /// @param resync the longest time without a run
    public record Pace(Duration settle, Duration resync, Backoff retry) {}

    public ReconcileLoop(String name, Pace pace, Reconciler reconciler) {
        this.name = name;
        this.pace = pace;
        this.reconciler = reconciler;
        this.wait = pace.resync();
        this.loop = new EndlessLoop(name, this::round);
    }

    /// Starts the loop with a run. Its thread is a platform thread: netlink calls would block the carrier of a virtual
    /// one.
    public void start() {
        loop.startOnPlatformThread();
    }

    /// Requests a run because something has changed; returns at once.
    public void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends the loop: a run in progress is interrupted and awaited for up to a few seconds.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        loop.close();
    }

    private boolean round() throws InterruptedException {
        boolean open = awaitWork(wait);
        if (open) {
            wait = AFTER_ERROR;
            wait = runOnce() ? pace.resync() : pace.retry().next();
        }
        return open;
    }

    private boolean awaitWork(Duration wait) throws InterruptedException {
        lock.lock();
        try {
            long left = wait.toNanos();
            while (!woken && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            long settle = woken ? pace.settle().toNanos() : 0;
            while (!closed && settle > 0) {
                settle = changed.awaitNanos(settle);
            }
            woken = false;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean runOnce() {
        boolean reached;
        try {
            reached = reconciler.reconcile();
        } catch (Throwable e) {
            failed(e);
            return false;
        }
        if (failing) {
            log.atInfo().addKeyValue("reconciler", name).log("reconciliation works again");
            failing = false;
        }
        if (reached) {
            pace.retry().reset();
        }
        return reached;
    }

    /// The message, with the root cause if there is one.
    private static String reason(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return e.getCause() == null ? String.valueOf(e.getMessage()) : e.getMessage() + " (" + root + ")";
    }

    private void failed(Throwable e) {
        if (closed) {
            return;
        }
        var event = failing ? log.atDebug() : log.atWarn();
        event.addKeyValue("reconciler", name)
                .addKeyValue("reason", reason(e))
                .log("reconciliation failed; it is retried");
        log.debug("failure of {}", name, e);
        failing = true;
    }
}
