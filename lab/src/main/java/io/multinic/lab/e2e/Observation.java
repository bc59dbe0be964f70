package io.multinic.lab.e2e;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.NodeBlock;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// What each of four independent witnesses says of one network at one moment: the kernels of the nodes (`pods`), the
/// pods' annotations (`told`, by UID), ipam-service (`ledger`, `blocks`), and what was seen before (`sightings`).
record Observation(
        List<LivePod> pods,
        Map<String, List<PodNic>> told,
        List<AllocationInterval> ledger,
        List<NodeBlock> blocks,
        Collection<Sighting> sightings) {
    Observation {
        pods = List.copyOf(pods);
        told = Map.copyOf(told);
        ledger = List.copyOf(ledger);
        blocks = List.copyOf(blocks);
        sightings = List.copyOf(sightings);
    }
}
