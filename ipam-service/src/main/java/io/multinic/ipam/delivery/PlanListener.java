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

/// Listener for plan changes of all replicas, by LISTEN on a database connection of its own.
///
/// Notifications are lost while the connection is down, so each new connection wakes the polls once.
public final class PlanListener implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(PlanListener.class);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

    private final ConnectionSource connections;
    private final String channel;
    private final Runnable onChange;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile @Nullable Thread thread;

    /// Source of connections outside the pool.
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
        boolean logged = false;
        while (running.get()) {
            try (Connection connection = connections.connect()) {
                try (var statement = connection.createStatement()) {
                    statement.execute("LISTEN " + channel);
                }
                logged = false;
                onChange.run();
                listenOn(connection);
            } catch (SQLException | RuntimeException e) {
                if (running.get() && !logged) {
                    log.atWarn().addKeyValue("reason", e.toString()).log("plan notifications unavailable; retrying");
                    logged = true;
                }
                pause();
            }
        }
    }

    private void listenOn(Connection connection) throws SQLException {
        var postgres = connection.unwrap(PGConnection.class);
        while (running.get()) {
            var notifications = postgres.getNotifications((int) READ_TIMEOUT.toMillis());
            if (notifications != null && notifications.length > 0) {
                onChange.run();
            } else if (!connection.isValid((int) READ_TIMEOUT.toSeconds())) {
                throw new SQLException("the listening connection is dead");
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_DELAY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void start() {
        if (running.compareAndSet(false, true)) {
            // pgjdbc waits in a socket read with a timeout, which would pin the carrier of a virtual
            // thread.
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
