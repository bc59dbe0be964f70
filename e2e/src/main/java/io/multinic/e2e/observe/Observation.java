package io.multinic.e2e.observe;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.NodeBlock;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// The state of one network at one moment, from four independent sources: the nodes' kernels (`pods`), the pod
/// annotations (`annotated`, by pod UID), ipam-service (`ledger`, `blocks`) and earlier observations (`sightings`).
record Observation(
        List<RunningPod> pods,
        Map<String, List<PodNic>> annotated,
        List<AllocationInterval> ledger,
        List<NodeBlock> blocks,
        Collection<Sighting> sightings) {
    Observation {
        pods = List.copyOf(pods);
        annotated = Map.copyOf(annotated);
        ledger = List.copyOf(ledger);
        blocks = List.copyOf(blocks);
        sightings = List.copyOf(sightings);
    }
}
