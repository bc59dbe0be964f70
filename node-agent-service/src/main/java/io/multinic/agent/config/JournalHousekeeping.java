package io.multinic.agent.config;

import io.multinic.agent.journal.AllocationStore;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Lets the journal forget what nobody can ask for any more.
final class JournalHousekeeping implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(JournalHousekeeping.class);
    private static final Duration EVERY = Duration.ofHours(1);

    private final AllocationStore store;
    private final InstantSource clock;
    private final Duration memory;
    private @Nullable Thread thread;

    JournalHousekeeping(AllocationStore store, InstantSource clock, Duration memory) {
        this.store = store;
        this.clock = clock;
        this.memory = memory;
    }

    @Override
    public synchronized void start() {
        thread = Thread.ofVirtual().name("journal-housekeeping").start(this::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                forget();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void forget() {
        try {
            store.forget(clock.instant().minus(memory));
        } catch (RuntimeException e) {
            log.atWarn()
                    .setMessage("the journal could not be tidied")
                    .setCause(e)
                    .log();
        }
    }

    @Override
    public synchronized void stop() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
        thread = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }
}
