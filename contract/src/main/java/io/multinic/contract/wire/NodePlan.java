package io.multinic.contract.wire;

import java.util.List;

/// Everything one node must know to allocate and to route: `GET /api/v1/nodes/{node}/plan`.
///
/// `revision` grows with every change that concerns the node; it is what `after=` takes.
public record NodePlan(String node, String nodeUid, long revision, List<NetworkPlan> networks) {
    public NodePlan {
        networks = List.copyOf(networks);
    }
}
