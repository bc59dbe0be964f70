package io.multinic.e2e.observe;

import java.time.Instant;

/// An interface that was observed in a pod, with the times of the first and the last observation.
record Sighting(String podUid, String pod, String node, PodNic nic, Instant first, Instant last) {
    Sighting extendedTo(Instant later) {
        return new Sighting(podUid, pod, node, nic, first, later.isAfter(last) ? later : last);
    }

    @Override
    public String toString() {
        return nic + " in " + pod + " (" + podUid + ") on " + node + " from " + first + " to " + last;
    }
}
