package io.multinic.ipam.delivery;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Hears every replica's changes of the plan by LISTEN, on one connection of its own.
///
/// What happened while the connection was away is unknown, so each new connection wakes the polls once.
public final class PlanListener implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(PlanListener.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final ConnectionSource connections;
    private final String channel;
    private final Runnable onChange;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile @Nullable Thread thread;

    /// Connections outside the pool.
    @FunctionalInterface
    public interface ConnectionSource {
        Connection connect() throws SQLException;
    }

    public PlanListener(ConnectionSource connections, String channel, Runnable onChange) {
        this.connections = connections;
        this.channel = channel;
        this.onChange = onChange;
    }

    private void listen() {
        boolean complained = false;
        while (running.get()) {
            try (Connection connection = connections.connect()) {
                try (var statement = connection.createStatement()) {
                    statement.execute("LISTEN " + channel);
                }
                complained = false;
                onChange.run();
                listenOn(connection);
            } catch (SQLException | RuntimeException e) {
                if (running.get() && !complained) {
                    log.atWarn()
                            .addKeyValue("reason", e.toString())
                            .log("no news of plans from the database; retrying");
                    complained = true;
                }
                pause();
            }
        }
    }

    private void listenOn(Connection connection) throws SQLException {
        var postgres = connection.unwrap(PGConnection.class);
        while (running.get()) {
            var news = postgres.getNotifications((int) SILENCE.toMillis());
            if (news != null && news.length > 0) {
                onChange.run();
            } else if (!connection.isValid((int) SILENCE.toSeconds())) {
                throw new SQLException("the connection that listens is dead");
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void start() {
        if (running.compareAndSet(false, true)) {
            // pgjdbc waits in a socket read with a time limit, which a virtual thread would hand to a carrier.
            thread = Thread.ofPlatform().name("plan-listener").daemon().start(this::listen);
        }
    }

    @Override
    public void stop() {
        running.set(false);
        Thread listening = thread;
        if (listening != null) {
            listening.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running.get();
    }
}
