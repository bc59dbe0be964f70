package io.multinic.contract.wire;

import org.jspecify.annotations.Nullable;

/// What a node must hear to know its plan: `GET /api/v1/nodes/{node}/plan/changes`.
///
/// Either the whole `plan`, or the `change` since the revision that the node knows. `history` goes with the revision:
/// it names the database whose changes the revisions count, and is sent along with the next request.
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
