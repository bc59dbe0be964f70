package io.multinic.agent.journal;

import io.multinic.agent.reconcile.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes tombstones and freed addresses from the journal when they are too old to matter, once an hour.
public final class JournalRetention implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JournalRetention.class);
    private static final Duration INTERVAL = Duration.ofHours(1);

    private final AllocationStore store;
    private final InstantSource clock;
    private final Duration retention;
    private final Duration restingTime;
    private @Nullable Thread thread;

    public JournalRetention(AllocationStore store, InstantSource clock, Duration retention, Duration restingTime) {
        this.store = store;
        this.clock = clock;
        this.retention = retention;
        this.restingTime = restingTime;
    }

    public void start() {
        thread = Thread.ofVirtual().name("journal-retention").start(this::run);
    }

    @Override
    public void close() {
        Threads.end(thread);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                purge();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void purge() {
        try {
            Instant now = clock.instant();
            Instant resting = now.minus(restingTime);
            Instant old = now.minus(retention);
            store.forget(old.isBefore(resting) ? old : resting, resting);
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("old journal records could not be deleted; it is retried in an hour");
        }
    }
}
