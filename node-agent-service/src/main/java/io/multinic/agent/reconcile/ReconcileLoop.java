package io.multinic.agent.reconcile;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one reconciler: soon after a wake-up, again after a failure, and now and then for what no event told.
///
/// Level-triggered: wake-ups say that something changed, not what, and many of them before a run are one. Never
/// two runs at a time. A run that throws is a degraded state: said once, then retried.
public final class ReconcileLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReconcileLoop.class);

    private final String name;
    private final Pace pace;
    private final Reconciler reconciler;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean woken = true;
    private volatile boolean closed;
    private boolean failing;
    private @Nullable Thread thread;

    /// Makes what is there what is wanted.
    @FunctionalInterface
    public interface Reconciler {
        /// @return whether it is; if not, it is run again after a while, also without a wake-up
        boolean reconcile();
    }

    /// @param settle how long a burst of wake-ups may gather before the run that serves it
    /// @param resync the longest time without a run
    public record Pace(Duration settle, Duration resync, Backoff retry) {}

    public ReconcileLoop(String name, Pace pace, Reconciler reconciler) {
        this.name = name;
        this.pace = pace;
        this.reconciler = reconciler;
    }

    /// Starts with a run. The thread is a platform thread: netlink calls would pin a virtual one's carrier.
    public void start() {
        thread = Thread.ofPlatform().name(name).daemon().start(this::loop);
    }

    /// Something changed; returns at once.
    public void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// No run begins after this; one that is under way is interrupted and waited for, up to a few seconds.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Threads.end(thread);
    }

    private void loop() {
        Duration patience = pace.resync();
        try {
            while (awaitWork(patience)) {
                patience = runOnce() ? pace.resync() : pace.retry().next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean awaitWork(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
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
        } catch (RuntimeException e) {
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

    /// What is at the bottom of it says more than what was attempted; both are told.
    private static String reason(RuntimeException e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return e.getCause() == null ? String.valueOf(e.getMessage()) : e.getMessage() + " (" + root + ")";
    }

    private void failed(RuntimeException e) {
        if (closed) {
            return;
        }
        var event = failing ? log.atDebug() : log.atWarn();
        event.addKeyValue("reconciler", name)
                .addKeyValue("reason", reason(e))
                .log("reconciliation failed and is retried");
        log.debug("failure of {}", name, e);
        failing = true;
    }
}
