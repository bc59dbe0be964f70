package io.multinic.lab.e2e;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/// A ping from each pod to each other pod over each NIC: from `net1-0` to the other's `net1-0`, and so on.
record AllToAll(int sent, List<String> lost) {
    /// On each node, so that two cores are not the ones to lose an answer.
    private static final int AT_ONCE = 8;

    AllToAll {
        lost = List.copyOf(lost);
    }

    static AllToAll among(Site site, List<LivePod> pods) {
        Map<String, List<String>> pings = pods.stream()
                .collect(Collectors.groupingBy(
                        LivePod::node,
                        Collectors.flatMapping(from -> pings(from, pods).stream(), Collectors.toList())));
        var lost = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new HashMap<String, CompletableFuture<String>>();
            pings.forEach((node, lines) ->
                    answers.put(node, CompletableFuture.supplyAsync(() -> site.onNode(node, script(lines)), threads)));
            answers.forEach((node, answer) -> answer.join()
                    .lines()
                    .map(line -> node + ": no answer " + line)
                    .forEach(lost::add));
        }
        return new AllToAll(pings.values().stream().mapToInt(List::size).sum(), lost);
    }

    private static List<String> pings(LivePod from, List<LivePod> pods) {
        var lines = new ArrayList<String>();
        for (LivePod to : pods) {
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

    /// Prints the pings that got no answer.
    private static String script(List<String> lines) {
        return "xargs -P " + AT_ONCE + " -L 1 bash -c '"
                + "nsenter -t $0 -n ping -nqc1 -W3 -I $1 $2 >/dev/null 2>&1 || echo \"to $2 over $1 $3 $4 $5\""
                + "' <<'END'\n" + String.join("\n", lines) + "\nEND\n";
    }
}
