package io.multinic.lab.e2e;

import java.time.Instant;

/// An interface that was seen in a pod, and from when to when it was seen there.
record Sighting(String podUid, String pod, String node, PodNic nic, Instant first, Instant last) {
    Sighting until(Instant later) {
        return new Sighting(podUid, pod, node, nic, first, later.isAfter(last) ? later : last);
    }

    @Override
    public String toString() {
        return nic + " in " + pod + " (" + podUid + ") on " + node + " from " + first + " to " + last;
    }
}
