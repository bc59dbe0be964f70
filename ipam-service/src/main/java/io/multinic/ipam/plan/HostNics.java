package io.multinic.ipam.plan;

import io.multinic.contract.wire.Nic;
import java.util.List;

/// NICs of one node, in the order of its inventory.
public record HostNics(String nodeUid, List<Nic> nics) {
    public HostNics {
        nics = List.copyOf(nics);
    }
}
