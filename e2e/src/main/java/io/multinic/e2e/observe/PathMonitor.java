package io.multinic.e2e.observe;

import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Pings between running pods, five per second on each path, until stopped. A disturbance shows as lost echoes.
public final class PathMonitor {
    private static final String DIRECTORY = "/run/path-monitor";
    private static final Pattern PATHS = Pattern.compile("^== ", Pattern.MULTILINE);

    private final ClusterUnderTest cluster;
    private final Map<String, List<String>> paths = new LinkedHashMap<>();

    private PathMonitor(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    /// Starts pings over every NIC from each pod to one other pod, usually on another node.
    public static PathMonitor among(ClusterUnderTest cluster, List<RunningPod> pods) {
        var monitor = new PathMonitor(cluster);
        List<RunningPod> ring = pods.stream()
                .sorted(Comparator.comparing(RunningPod::name))
                .sorted(Comparator.comparingInt(pod -> rank(pod, pods)))
                .toList();
        for (int i = 0; i < ring.size(); i++) {
            monitor.path(ring.get(i), ring.get((i + 1) % ring.size()));
        }
        monitor.paths.forEach((node, lines) -> cluster.onNode(node, start(lines)));
        return monitor;
    }

    /// The position of the pod among those of its node. Sorted by it, neighbours in the ring are on different nodes.
    private static int rank(RunningPod pod, List<RunningPod> pods) {
        return (int) pods.stream()
                .filter(other -> other.node().equals(pod.node()))
                .filter(other -> other.name().compareTo(pod.name()) < 0)
                .count();
    }

    private void path(RunningPod from, RunningPod to) {
        for (PodNic nic : from.nics()) {
            to.nics().stream()
                    .filter(other -> other.name().equals(nic.name()))
                    .forEach(other -> paths.computeIfAbsent(from.node(), node -> new ArrayList<>())
                            .add(from.pid() + " " + nic.name() + " " + other.address()));
        }
    }

    private static String start(List<String> lines) {
        return "rm -rf " + DIRECTORY + " && mkdir " + DIRECTORY + " && cd " + DIRECTORY + " || exit 1\n"
                + "while read -r pid nic target; do\n"
                + "  setsid nsenter -t $pid -n ping -nD -i 0.2 -I $nic $target >$nic-$target-$pid 2>&1 </dev/null &\n"
                + "  echo $! >>pids\n"
                + "done <<'END'\n" + String.join("\n", lines) + "\nEND\n";
    }

    /// Stops the pings.
    ///
    /// @return the number of echoes, and the longest time without a reply on any path
    /// @throws LabException with the paths that lost an echo
    public String requireNoLoss() {
        int sent = 0;
        Duration longestGap = Duration.ZERO;
        var lossy = new ArrayList<String>();
        for (Map.Entry<String, PingLog> path : end().entrySet()) {
            PingLog log = path.getValue();
            sent += log.sent();
            longestGap = longestGap.compareTo(log.longestGap()) > 0 ? longestGap : log.longestGap();
            if (log.lost() > 0) {
                lossy.add(path.getKey() + ": " + log.lost() + " of " + log.sent() + " echoes lost, longest gap "
                        + log.longestGap().toMillis() + " ms");
            }
        }
        if (!lossy.isEmpty()) {
            throw new LabException("connections between running pods were interrupted:\n" + String.join("\n", lossy));
        }
        return String.format(
                Locale.ROOT,
                "none of %d echoes on %d paths lost, longest gap %.1f s",
                sent,
                paths.values().stream().mapToInt(List::size).sum(),
                longestGap.toMillis() / 1000.0);
    }

    private Map<String, PingLog> end() {
        var logs = new LinkedHashMap<String, PingLog>();
        for (String node : paths.keySet()) {
            String out = cluster.onNode(
                    node,
                    "cd " + DIRECTORY + " || exit 1\n"
                            + "kill -INT $(cat pids)\n"
                            + "for try in $(seq 50); do kill -0 $(cat pids) 2>/dev/null || break; sleep 0.1; done\n"
                            + "for file in net*; do echo \"== $file\"; cat \"$file\"; done\n");
            for (String part : PATHS.splitAsStream(out).toList()) {
                int line = part.indexOf('\n');
                if (line > 0) {
                    logs.put(node + " " + part.substring(0, line), PingLog.parse(part.substring(line)));
                }
            }
        }
        return logs;
    }
}
