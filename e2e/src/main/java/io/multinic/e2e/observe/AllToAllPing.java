package io.multinic.e2e.observe;

import io.multinic.e2e.harness.ClusterUnderTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/// A ping from each pod to each other pod over each NIC: from `net1-0` to the other's `net1-0`, and so on.
public record AllToAllPing(int sent, List<String> lost) {
    /// Concurrent pings on each node; with more, two cores would answer late.
    private static final int CONCURRENCY = 8;

    public AllToAllPing {
        lost = List.copyOf(lost);
    }

    public static AllToAllPing among(ClusterUnderTest cluster, List<RunningPod> pods) {
        Map<String, List<String>> pings = pods.stream()
                .collect(Collectors.groupingBy(
                        RunningPod::node,
                        Collectors.flatMapping(from -> pings(from, pods).stream(), Collectors.toList())));
        var lost = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new HashMap<String, CompletableFuture<String>>();
            pings.forEach((node, lines) -> answers.put(
                    node, CompletableFuture.supplyAsync(() -> cluster.onNode(node, script(lines)), threads)));
            answers.forEach((node, answer) -> answer.join()
                    .lines()
                    .map(line -> node + ": no answer " + line)
                    .forEach(lost::add));
        }
        return new AllToAllPing(pings.values().stream().mapToInt(List::size).sum(), lost);
    }

    private static List<String> pings(RunningPod from, List<RunningPod> pods) {
        var lines = new ArrayList<String>();
        for (RunningPod to : pods) {
            if (!to.equals(from)) {
                for (PodNic nic : from.nics()) {
                    to.nics().stream()
                            .filter(other -> other.name().equals(nic.name()))
                            .forEach(other -> lines.add(from.pid() + " " + nic.name() + " " + other.address() + " from "
                                    + from.name() + " " + nic.address()));
                }
            }
        }
        return lines;
    }

    /// A shell script that runs the pings and prints those without an answer.
    private static String script(List<String> lines) {
        return "xargs -P " + CONCURRENCY + " -L 1 bash -c '"
                + "nsenter -t $0 -n ping -nqc1 -W3 -I $1 $2 >/dev/null 2>&1 || echo \"to $2 over $1 $3 $4 $5\""
                + "' <<'END'\n" + String.join("\n", lines) + "\nEND\n";
    }
}
