package io.multinic.contract.wire;

import java.util.List;

/// The NICs of one node: `PUT /api/v1/nodes/{node}`. `nodeUid` is the UID of the Node object.
public record NodeInventory(String nodeUid, List<Nic> nics) {
    public NodeInventory {
        nics = List.copyOf(nics);
    }
}
