package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.lab.LabException;
import io.multinic.lab.TextTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// How long a pod takes to start, beside pods of other kinds on the same cluster.
final class StartTimeSteps {
    private static final int PODS = 10;
    private static final Duration READY = Duration.ofSeconds(45);

    private final Platform platform;
    private final Site site;
    private final String plugin;

    StartTimeSteps(Platform platform, String plugin) {
        this.platform = platform;
        site = platform.site();
        this.plugin = plugin;
    }

    Step step() {
        return new Step(
                "pod-start",
                "from kubectl apply to Ready: no NIC, our two NICs, two Multus networks of macvlan and whereabouts",
                List.of(NetworkSteps.ready(plugin)),
                this::measure);
    }

    /// The kinds take turns, so that whatever else the machine does meets all of them.
    private String measure() {
        site.apply(Manifests.all(List.of(
                        Manifests.whereabouts("wb1", "eth1", "172.20.1.0/24"),
                        Manifests.whereabouts("wb2", "eth2", "172.20.2.0/24"))))
                .orThrow();
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("none", "");
        kinds.put("ours", Platform.NETWORK);
        kinds.put("whereabouts", "wb1, wb2");
        var times = new LinkedHashMap<String, List<Long>>();
        var names = new ArrayList<String>();
        try {
            for (int round = 0; round < PODS; round++) {
                for (Map.Entry<String, String> kind : kinds.entrySet()) {
                    String name = "start-" + kind.getKey() + "-" + round;
                    names.add(name);
                    times.computeIfAbsent(kind.getKey(), any -> new ArrayList<>())
                            .add(start(name, kind.getValue()));
                }
            }
        } finally {
            var delete = new ArrayList<>(List.of("-n", Site.NAMESPACE, "delete", "pod", "--ignore-not-found"));
            delete.addAll(names);
            site.kubectl(delete.toArray(String[]::new));
        }
        var table = new TextTable("POD", "p50, ms", "LEAST, ms", "MOST, ms");
        var medians = new ArrayList<String>();
        times.forEach((kind, all) -> {
            List<Long> sorted = all.stream().sorted().toList();
            long median = (sorted.get((PODS - 1) / 2) + sorted.get(PODS / 2)) / 2;
            table.row(described(kind), median, sorted.getFirst(), sorted.getLast());
            medians.add(kind + " " + median);
        });
        site.progress().show("\n" + table.toString().indent(4));
        platform.audit().holds();
        return "p50 of " + PODS + ", ms: " + String.join(", ", medians);
    }

    private static String described(String kind) {
        return switch (kind) {
            case "none" -> "without another NIC";
            case "ours" -> "with two NICs of ours";
            default -> "with two Multus networks, macvlan + whereabouts";
        };
    }

    /// Milliseconds from `kubectl apply` to Ready.
    private long start(String name, String networks) {
        String manifest = Manifests.pod(name, networks, site.nodes().getFirst());
        long start = System.nanoTime();
        site.apply(manifest).orThrow();
        Pod pod = site.kubernetes()
                .pods()
                .inNamespace(Site.NAMESPACE)
                .withName(name)
                .waitUntilCondition(one -> one != null && Pods.ready(one), READY.toSeconds(), TimeUnit.SECONDS);
        long millis = (System.nanoTime() - start) / 1_000_000;
        if (networks.equals(Platform.NETWORK)) {
            int nics = Pods.told(pod, networks).size();
            if (nics != platform.nicsOfANode()) {
                throw new LabException(String.format(Locale.ROOT, "%s was ready with %d NICs", name, nics));
            }
        }
        return millis;
    }
}
