package io.multinic.e2e.observe;

import java.util.List;

/// A running pod, with the interfaces of the platform that the kernel has in its network namespace.
///
/// `pid` is one of its processes in the node's PID namespace; `name` is `namespace/name`, or empty if the API server
/// has no such pod.
public record RunningPod(String uid, String name, String node, long pid, List<PodNic> nics) {
    public RunningPod {
        nics = List.copyOf(nics);
    }

    @Override
    public String toString() {
        return (name.isEmpty() ? "a pod that the API server does not know, " + uid : name) + " on " + node;
    }
}
