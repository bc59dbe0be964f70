package io.multinic.agent.config;

import io.multinic.agent.reconcile.ReconcileLoop;
import org.jspecify.annotations.Nullable;

/// The agent's reconcile loops.
///
/// @param nics discovers the NICs
/// @param routes programs the host routes
/// @param hostInterface writes NICs and observed routes to the HostInterface
/// @param binary installs the CNI binary; null if the agent installs none
/// @param attachments restores what was attached
/// @param forwarding lets the packet filter accept packets of pods
/// @param garbage detaches attachments whose DEL never comes
record ReconcileLoops(
        ReconcileLoop nics,
        ReconcileLoop routes,
        ReconcileLoop hostInterface,
        @Nullable ReconcileLoop binary,
        ReconcileLoop attachments,
        ReconcileLoop forwarding,
        ReconcileLoop garbage) {}
