package io.multinic.contract.wire;

import org.jspecify.annotations.Nullable;

/// Update that brings a node to its present plan: `GET /api/v1/nodes/{node}/plan/changes`.
///
/// Either the whole `plan`, or the `change` since the revision that the node knows. `history` goes with the revision:
/// it identifies the database incarnation that revisions belong to, and is sent with the next request.
public record PlanUpdate(
        String history, @Nullable NodePlan plan, @Nullable PlanChange change) {
    public PlanUpdate {
        if ((plan == null) == (change == null)) {
            throw new IllegalArgumentException("a plan update is either a plan or a change");
        }
    }

    public static PlanUpdate full(String history, NodePlan plan) {
        return new PlanUpdate(history, plan, null);
    }

    public static PlanUpdate since(String history, PlanChange change) {
        return new PlanUpdate(history, null, change);
    }
}
