package io.multinic.agent.config;

import io.multinic.agent.install.BinaryInstaller;
import io.multinic.agent.install.OwnDaemonSet;
import io.multinic.agent.reconcile.ReconcileLoop;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/// Installs the CNI binary once CNI is served, and removes it before that ends if the agent leaves for good.
final class InstallLifecycle implements SmartLifecycle {
    private final @Nullable BinaryInstaller installer;
    private final @Nullable OwnDaemonSet daemonSet;
    private final @Nullable ReconcileLoop loop;
    private final Departure departure;
    private volatile boolean running;

    /// @param installer null if somebody else installs the binary
    /// @param daemonSet null if the agent never leaves for good
    /// @param loop that runs the installer
    InstallLifecycle(
            @Nullable BinaryInstaller installer,
            @Nullable OwnDaemonSet daemonSet,
            @Nullable ReconcileLoop loop,
            Departure departure) {
        this.installer = installer;
        this.daemonSet = daemonSet;
        this.loop = loop;
        this.departure = departure;
    }

    @Override
    public void start() {
        if (loop != null) {
            loop.start();
        }
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        if (loop != null) {
            loop.close();
        }
        if (leavesForGood()) {
            departure.isForGood();
            if (installer != null) {
                installer.remove();
            }
        }
    }

    private boolean leavesForGood() {
        try {
            return daemonSet != null && daemonSet.removed();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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
