package io.multinic.ipam.config;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Does something now and again, on a thread of its own, while the service runs. A failure is tried again next time.
///
/// Work that takes long comes less often: [#REST] times as long as it took passes before it is done again, but not more
/// than [#MOST] times its period.
final class PeriodicTask implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(PeriodicTask.class);

    private static final int REST = 20;
    /// One run that took long, such as the first on a busy machine, must not put the next one off for minutes.
    private static final int MOST = 10;

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
                failed = once(failed);
                pause = Math.clamp(REST * (System.nanoTime() - start), every.toNanos(), MOST * every.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Of several failures in a row the first is told.
    private boolean once(boolean failedBefore) {
        try {
            work.run();
            return false;
        } catch (RuntimeException e) {
            if (!failedBefore) {
                log.atWarn()
                        .addKeyValue("work", name)
                        .addKeyValue("reason", e.getMessage())
                        .log("periodic work failed; it is tried again");
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

    /// A step that is under way is not interrupted: it is a transaction.
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
