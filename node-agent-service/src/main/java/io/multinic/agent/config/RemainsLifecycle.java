package io.multinic.agent.config;

import io.multinic.agent.install.NodeCleanup;
import org.springframework.context.SmartLifecycle;

/// Clears the node when the agent leaves it for good, after everything else has stopped.
final class RemainsLifecycle implements SmartLifecycle {
    private final Departure departure;
    private final NodeCleanup remains;
    private volatile boolean running;

    RemainsLifecycle(Departure departure, NodeCleanup remains) {
        this.departure = departure;
        this.remains = remains;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        if (departure.forGood()) {
            remains.remove();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// Before all others, and after them when the agent stops.
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }
}
