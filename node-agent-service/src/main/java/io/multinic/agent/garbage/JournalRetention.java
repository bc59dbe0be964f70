package io.multinic.agent.garbage;

import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.reconcile.EndlessLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
    private final EndlessLoop loop = new EndlessLoop("journal-retention", this::round);

    public JournalRetention(AllocationStore store, InstantSource clock, Duration retention, Duration restingTime) {
        this.store = store;
        this.clock = clock;
        this.retention = retention;
        this.restingTime = restingTime;
    }

    public void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    private boolean round() throws InterruptedException {
        Thread.sleep(INTERVAL);
        purge();
        return true;
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
