package io.multinic.ipam.config;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Periodic work on a thread of its own while the service runs. After a failure it is retried at the next period.
///
/// Slow work runs less often: the pause is [#PAUSE_FACTOR] times its duration, but at most [#MAX_PERIODS] times its
/// period.
final class PeriodicTask implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(PeriodicTask.class);

    private static final int PAUSE_FACTOR = 20;
    /// Limits the pause after one slow run, such as the first on a busy machine.
    private static final int MAX_PERIODS = 10;

    private final String name;
    private final Duration every;
    private final Runnable work;
    private volatile @Nullable CountDownLatch end;

    PeriodicTask(String name, Duration every, Runnable work) {
        this.name = name;
        this.every = every;
        this.work = work;
    }

    private void run(CountDownLatch until) {
        boolean failed = false;
        long pause = every.toNanos();
        try {
            while (!until.await(pause, TimeUnit.NANOSECONDS)) {
                long start = System.nanoTime();
                failed = runOnce(failed);
                pause = Math.clamp(
                        PAUSE_FACTOR * (System.nanoTime() - start), every.toNanos(), MAX_PERIODS * every.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Logs only the first of several failures in a row.
    private boolean runOnce(boolean failedBefore) {
        try {
            work.run();
            return false;
        } catch (RuntimeException e) {
            if (!failedBefore) {
                log.atWarn()
                        .addKeyValue("work", name)
                        .addKeyValue("reason", e.getMessage())
                        .log("periodic work failed; retrying at the next period");
            }
            return true;
        }
    }

    @Override
    public void start() {
        var until = new CountDownLatch(1);
        end = until;
        Thread.ofVirtual().name(name).start(() -> run(until));
    }

    /// Does not interrupt a running step, which is a transaction.
    @Override
    public void stop() {
        CountDownLatch until = end;
        if (until != null) {
            until.countDown();
            end = null;
        }
    }

    @Override
    public boolean isRunning() {
        return end != null;
    }
}
