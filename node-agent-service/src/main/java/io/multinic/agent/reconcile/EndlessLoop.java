package io.multinic.agent.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A loop on a thread of its own that runs until it is closed.
///
/// A round that throws anything, errors such as OutOfMemoryError included, is logged, and the next one runs after a
/// pause: if the thread ended, the agent would do nothing while its health is UP.
public final class EndlessLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EndlessLoop.class);

    private final String name;
    private final Round round;
    private final Duration pause;
    private volatile boolean closed;
    private @Nullable Thread thread;

    /// One round of a loop.
    @FunctionalInterface
    public interface Round {
        /// @return false to end the loop for good
        boolean run() throws InterruptedException;
    }

    public EndlessLoop(String name, Round round) {
        this(name, round, Duration.ofSeconds(1));
    }

    /// @param pause time between a round that throws and the next one
    EndlessLoop(String name, Round round, Duration pause) {
        this.name = name;
        this.round = round;
        this.pause = pause;
    }

    /// Starts the loop on a virtual thread.
    public void start() {
        thread = Thread.ofVirtual().name(name).start(this::loop);
    }

    /// Starts the loop on a platform thread, for rounds that block in native calls.
    public void startOnPlatformThread() {
        thread = Thread.ofPlatform().name(name).daemon().start(this::loop);
    }

    /// Interrupts the round in progress and waits a few seconds for its end.
    @Override
    public void close() {
        closed = true;
        Threads.end(thread);
    }

    private void loop() {
        boolean again = true;
        while (again && !closed) {
            try {
                again = round.run();
            } catch (Throwable e) {
                again = survived(e);
            }
        }
    }

    /// An interrupt ends the loop only if it is closed.
    private boolean survived(Throwable failure) {
        if (closed) {
            return false;
        }
        try {
            log.atError().addKeyValue("loop", name).setCause(failure).log("loop failed unexpectedly; it continues");
        } catch (Throwable e) {
            // Out of memory once more; the pause is what helps.
        }
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            // Closed, or an interrupt meant for something else: the loop looks at `closed`.
        }
        return true;
    }
}
