package io.multinic.lab.e2e;

import java.util.List;

/// A pod that runs, with the interfaces of ours that the kernel shows in its network namespace.
///
/// `pid` is one of its processes as the node sees them; `name` is `namespace/name`, or empty where the API server does
/// not know the pod.
record LivePod(String uid, String name, String node, long pid, List<PodNic> nics) {
    LivePod {
        nics = List.copyOf(nics);
    }

    @Override
    public String toString() {
        return (name.isEmpty() ? "a pod that the API server does not know, " + uid : name) + " on " + node;
    }
}
