package io.multinic.lab.e2e;

import io.multinic.lab.LabException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Pings between running pods, five in a second on each path, from its start until it is ended: what a disturbance
/// does to them shows as lost echoes.
final class PathWatch {
    private static final String DIRECTORY = "/run/path-watch";
    private static final Pattern PATHS = Pattern.compile("^== ", Pattern.MULTILINE);

    private final Site site;
    private final Map<String, List<String>> paths = new LinkedHashMap<>();

    private PathWatch(Site site) {
        this.site = site;
    }

    /// Each pod pings one other over every NIC, most of them on another node.
    static PathWatch among(Site site, List<LivePod> pods) {
        var watch = new PathWatch(site);
        List<LivePod> ring = pods.stream()
                .sorted(Comparator.comparing(LivePod::name))
                .sorted(Comparator.comparingInt(pod -> rank(pod, pods)))
                .toList();
        for (int i = 0; i < ring.size(); i++) {
            watch.path(ring.get(i), ring.get((i + 1) % ring.size()));
        }
        watch.paths.forEach((node, lines) -> site.onNode(node, start(lines)));
        return watch;
    }

    /// The first pods of all nodes come first, then the second ones: neighbours in the ring are on different nodes.
    private static int rank(LivePod pod, List<LivePod> pods) {
        return (int) pods.stream()
                .filter(other -> other.node().equals(pod.node()))
                .filter(other -> other.name().compareTo(pod.name()) < 0)
                .count();
    }

    private void path(LivePod from, LivePod to) {
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

    /// Ends the pings.
    ///
    /// @return how many echoes there were, and the longest silence on any path
    /// @throws LabException with the paths that lost an echo
    String nothingLost() {
        int sent = 0;
        Duration silence = Duration.ZERO;
        var lossy = new ArrayList<String>();
        for (Map.Entry<String, PingLog> path : end().entrySet()) {
            PingLog log = path.getValue();
            sent += log.sent();
            silence = silence.compareTo(log.silence()) > 0 ? silence : log.silence();
            if (log.lost() > 0) {
                lossy.add(path.getKey() + ": " + log.lost() + " of " + log.sent() + " echoes lost, longest silence "
                        + log.silence().toMillis() + " ms");
            }
        }
        if (!lossy.isEmpty()) {
            throw new LabException("running pods lost each other:\n" + String.join("\n", lossy));
        }
        return String.format(
                Locale.ROOT,
                "none of %d echoes on %d paths lost, longest silence %.1f s",
                sent,
                paths.values().stream().mapToInt(List::size).sum(),
                silence.toMillis() / 1000.0);
    }

    private Map<String, PingLog> end() {
        var logs = new LinkedHashMap<String, PingLog>();
        for (String node : paths.keySet()) {
            String out = site.onNode(
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
