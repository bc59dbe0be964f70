package io.multinic.agent.config;

import io.multinic.agent.reconcile.ReconcileLoop;
import org.springframework.context.SmartLifecycle;

/// A loop that runs as long as CNI is served.
final class LoopLifecycle implements SmartLifecycle {
    private final ReconcileLoop loop;
    private volatile boolean running;

    LoopLifecycle(ReconcileLoop loop) {
        this.loop = loop;
    }

    @Override
    public void start() {
        loop.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        loop.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// After the CNI socket, and before it when the agent stops.
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
