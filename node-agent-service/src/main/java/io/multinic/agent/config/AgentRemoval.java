package io.multinic.agent.config;

import io.multinic.agent.install.BinaryInstaller;
import io.multinic.agent.install.NodeCleanup;
import io.multinic.agent.install.OwnDaemonSet;
import org.jspecify.annotations.Nullable;

/// Removal of the agent's files, routes and journal from the node when its DaemonSet was deleted.
///
/// The decision is made once, while the CNI socket still answers; the CNI binary is removed then, and the rest after
/// all other parts have stopped.
final class AgentRemoval {
    private final @Nullable BinaryInstaller installer;
    private final @Nullable OwnDaemonSet daemonSet;
    private final NodeCleanup cleanup;
    private boolean removed;

    /// @param installer null if the agent installs no binary
    /// @param daemonSet null if the agent is never removed
    AgentRemoval(@Nullable BinaryInstaller installer, @Nullable OwnDaemonSet daemonSet, NodeCleanup cleanup) {
        this.installer = installer;
        this.daemonSet = daemonSet;
        this.cleanup = cleanup;
    }

    /// Decides whether this stop is a removal, and if so removes the CNI binary.
    void removeBinaryIfDaemonSetIsGone() throws InterruptedException {
        removed = daemonSet != null && daemonSet.removed();
        if (removed && installer != null) {
            installer.remove();
        }
    }

    /// Removes everything else if this stop is a removal.
    void removeRest() {
        if (removed) {
            cleanup.remove();
        }
    }
}
