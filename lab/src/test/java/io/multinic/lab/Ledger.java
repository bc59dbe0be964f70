package io.multinic.lab;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.lab.pod.LabPod;
import java.time.Duration;
import java.util.List;

/// What the ledger says of single pods; it learns of them a moment after the fact.
final class Ledger {
    private static final Duration CATCHES_UP = Duration.ofSeconds(60);

    private final IpamApi ipam;

    Ledger(IpamApi ipam) {
        this.ipam = ipam;
    }

    List<AllocationInterval> intervals(LabPod pod) {
        return ipam.audit(SharedLab.SAMPLE).stream()
                .filter(interval ->
                        interval.allocation().containerId().equals(pod.sandbox().containerId()))
                .toList();
    }

    long open(LabPod pod) {
        return intervals(pod).stream().filter(interval -> interval.to() == null).count();
    }

    /// Waits until the pod has `all` intervals, `open` of them still open.
    void await(LabPod pod, int all, int open) {
        Deadline.await(
                "the ledger of " + pod + " with " + all + " intervals, " + open + " of them open",
                CATCHES_UP,
                () -> intervals(pod).size() == all && open(pod) == open,
                () -> "it has " + intervals(pod));
    }

    /// Waits until nothing is held in the network.
    void awaitAllClosed() {
        Deadline.await(
                "the ledger of " + SharedLab.SAMPLE + " with nothing held",
                CATCHES_UP,
                () -> ipam.audit(SharedLab.SAMPLE).stream().allMatch(interval -> interval.to() != null),
                () -> "it has " + ipam.audit(SharedLab.SAMPLE));
    }
}
