package io.multinic.ipam.plan;

import io.multinic.contract.wire.Nic;
import java.util.List;

/// The NICs of one node, in the node's own order.
public record HostNics(String nodeUid, List<Nic> nics) {
    public HostNics {
        nics = List.copyOf(nics);
    }
}
