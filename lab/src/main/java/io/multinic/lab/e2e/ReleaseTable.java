package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.lab.TextTable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What each pod of the release took to be ready and has in memory.
final class ReleaseTable {
    private static final int KIB_PER_MIB = 1024;

    /// One line for each pod with processes: UID, resident KiB (shared pages in proportion), anonymous KiB.
    private static final String SCRIPT = """
            grep -Hsom1 'pod[0-9a-f]\\{8\\}-[0-9a-f-]\\{27\\}' /proc/[0-9]*/cgroup | while IFS=: read -r file pod; do
                pid=${file#/proc/}
                pid=${pid%/cgroup}
                awk -v pod="${pod#pod}" '/^Pss:/ {pss = $2} /^Anonymous:/ {anonymous = $2}
                    END {if (pss) print pod, pss, anonymous}' "/proc/$pid/smaps_rollup" 2>/dev/null
            done | awk '{pss[$1] += $2; anonymous[$1] += $3} END {for (pod in pss) print pod, pss[pod], anonymous[pod]}'
            """;

    private ReleaseTable() {}

    private record Memory(long residentKiB, long anonymousKiB) {}

    static String of(Site site, List<Pod> pods) {
        var memory = new HashMap<String, Memory>();
        site.nodes().forEach(node -> memory.putAll(memoryOn(site, node)));
        var table = new TextTable("POD", "NODE", "READY AFTER, s", "RESIDENT, MiB", "ANONYMOUS, MiB", "RESTARTS");
        pods.stream()
                .sorted(Comparator.comparing((Pod pod) -> pod.getMetadata().getName()))
                .forEach(pod -> {
                    Memory one = memory.getOrDefault(pod.getMetadata().getUid(), new Memory(0, 0));
                    table.row(
                            pod.getMetadata().getName(),
                            pod.getSpec().getNodeName(),
                            Pods.timeToReady(pod).toSeconds(),
                            one.residentKiB() / KIB_PER_MIB,
                            one.anonymousKiB() / KIB_PER_MIB,
                            Pods.restarts(pod));
                });
        return table.toString();
    }

    private static Map<String, Memory> memoryOn(Site site, String node) {
        var memory = new HashMap<String, Memory>();
        for (String line : site.onNode(node, SCRIPT).lines().toList()) {
            String[] words = line.split(" ", 3);
            memory.put(words[0], new Memory(Long.parseLong(words[1]), Long.parseLong(words[2])));
        }
        return memory;
    }
}
