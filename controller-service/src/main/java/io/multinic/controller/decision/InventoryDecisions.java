package io.multinic.controller.decision;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import java.util.Optional;

/// Decisions in the reconciliation of a HostInterface.
public final class InventoryDecisions {
    private InventoryDecisions() {}

    /// The result of one reconciliation.
    public enum Outcome {
        /// ipam-service has the inventory.
        IN_STEP("in_step"),
        /// There is no Node of this name, and ipam-service knows none.
        NO_NODE("no_node"),
        /// The Node is gone and its node was retired.
        RETIRED("retired"),
        /// The Node is gone, but its pods hold addresses.
        KEPT("kept"),
        /// ipam-service refused the inventory.
        REFUSED("refused"),
        /// ipam-service or the API server did not answer, or the Node is changing.
        UNAVAILABLE("unavailable");

        private final String tag;

        Outcome(String tag) {
            this.tag = tag;
        }

        /// The tag of the metric.
        public String tag() {
            return tag;
        }
    }

    /// The difference between the node that ipam-service knows by a name and the inventory of its HostInterface.
    public enum Difference {
        NONE,
        /// The node is unknown, or has other NICs.
        INVENTORY,
        /// Another node has this name: a machine was replaced, or the cache is old.
        NODE_REPLACED
    }

    public static Difference difference(Optional<NodeState> known, NodeInventory wanted) {
        if (known.isEmpty()) {
            return Difference.INVENTORY;
        }
        if (!known.get().nodeUid().equals(wanted.nodeUid())) {
            return Difference.NODE_REPLACED;
        }
        return known.get().nics().equals(wanted.nics()) ? Difference.NONE : Difference.INVENTORY;
    }

    /// The outcome if a request to ipam-service failed.
    public static Outcome requestFailed(MultiNicException e) {
        return switch (e.code().kind()) {
            case TRANSIENT, INTERNAL -> Outcome.UNAVAILABLE;
            case CALLER, CAPACITY -> Outcome.REFUSED;
        };
    }

    /// The next reconciliation. A refused inventory is not retried: only another one can help.
    public static NextReconciliation next(Outcome outcome) {
        return switch (outcome) {
            case UNAVAILABLE -> NextReconciliation.RETRY;
            case IN_STEP, NO_NODE, KEPT, RETIRED, REFUSED -> NextReconciliation.RESYNC;
        };
    }
}
