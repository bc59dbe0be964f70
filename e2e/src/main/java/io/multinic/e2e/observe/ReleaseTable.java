package io.multinic.e2e.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.PodObjects;
import io.multinic.lab.run.TextTable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A table of the release's pods: time to ready, memory, restarts.
public final class ReleaseTable {
    private static final int KIB_PER_MIB = 1024;

    /// Prints one line for each pod with processes: UID, resident KiB (proportional share of shared pages), anonymous
    /// KiB.
    private static final String SCRIPT = """
        grep -Hsom1 'pod[0-9a-f]\\{8\\}-[0-9a-f-]\\{27\\}' /proc/[0-9]*/cgroup | while IFS=: read -r file pod; do
            pid=${file#/proc/}
            pid=${pid%/cgroup}
            awk -v pod="${pod#pod}" '/^Pss:/ {pss = $2} /^Anonymous:/ {anonymous = $2}
                END {if (pss) print pod, pss, anonymous}' "/proc/$pid/smaps_rollup" 2>/dev/null
        done | awk '{pss[$1] += $2; anonymous[$1] += $3} END {for (pod in pss) print pod, pss[pod], anonymous[pod]}'
        """;

    private ReleaseTable() {}

    private record PodMemory(long residentKiB, long anonymousKiB) {}

    public static String of(ClusterUnderTest cluster, List<Pod> pods) {
        var memory = new HashMap<String, PodMemory>();
        cluster.nodes().forEach(node -> memory.putAll(memoryOn(cluster, node)));
        var table = new TextTable("POD", "NODE", "READY AFTER, s", "RESIDENT, MiB", "ANONYMOUS, MiB", "RESTARTS");
        pods.stream()
                .sorted(Comparator.comparing((Pod pod) -> pod.getMetadata().getName()))
                .forEach(pod -> {
                    PodMemory one = memory.getOrDefault(pod.getMetadata().getUid(), new PodMemory(0, 0));
                    table.row(
                            pod.getMetadata().getName(),
                            pod.getSpec().getNodeName(),
                            PodObjects.timeToReady(pod).toSeconds(),
                            one.residentKiB() / KIB_PER_MIB,
                            one.anonymousKiB() / KIB_PER_MIB,
                            PodObjects.restarts(pod));
                });
        return table.toString();
    }

    private static Map<String, PodMemory> memoryOn(ClusterUnderTest cluster, String node) {
        var memory = new HashMap<String, PodMemory>();
        for (String line : cluster.onNode(node, SCRIPT).lines().toList()) {
            String[] fields = line.split(" ", 3);
            memory.put(fields[0], new PodMemory(Long.parseLong(fields[1]), Long.parseLong(fields[2])));
        }
        return memory;
    }
}
