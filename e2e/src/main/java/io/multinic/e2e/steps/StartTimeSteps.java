package io.multinic.e2e.steps;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.PodObjects;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.observe.NetworkStatusAnnotation;
import io.multinic.lab.process.LabException;
import io.multinic.lab.run.TextTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The step that measures how long a pod takes to start, compared to other kinds of pods on the same cluster.
final class StartTimeSteps {
    private static final int PODS = 10;
    private static final Duration READY = Duration.ofSeconds(45);

    private final StepContext context;
    private final ClusterUnderTest cluster;
    private final String plugin;

    StartTimeSteps(StepContext context, String plugin) {
        this.context = context;
        cluster = context.cluster();
        this.plugin = plugin;
    }

    Step step() {
        return new Step(
                "pod-start",
                "time from kubectl apply to Ready: no NIC, two NICs of the platform, two Multus networks of macvlan"
                        + " and whereabouts",
                List.of(NetworkSteps.readyName(plugin)),
                this::measure);
    }

    /// The kinds alternate, so that other load of the machine affects all of them equally.
    private String measure() {
        cluster.apply(Manifests.all(List.of(
                        Manifests.whereabouts("wb1", "eth1", "172.20.1.0/24"),
                        Manifests.whereabouts("wb2", "eth2", "172.20.2.0/24"))))
                .orThrow();
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("none", "");
        kinds.put("ours", StepContext.NETWORK);
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
            var delete =
                    new ArrayList<>(List.of("-n", ClusterUnderTest.NAMESPACE, "delete", "pod", "--ignore-not-found"));
            delete.addAll(names);
            cluster.kubectl(delete.toArray(String[]::new));
        }
        var table = new TextTable("POD", "p50, ms", "LEAST, ms", "MOST, ms");
        var medians = new ArrayList<String>();
        times.forEach((kind, all) -> {
            List<Long> sorted = all.stream().sorted().toList();
            long median = (sorted.get((PODS - 1) / 2) + sorted.get(PODS / 2)) / 2;
            table.row(described(kind), median, sorted.getFirst(), sorted.getLast());
            medians.add(kind + " " + median);
        });
        cluster.progress().show("\n" + table.toString().indent(4));
        context.audit().awaitConsistent();
        return "p50 of " + PODS + ", ms: " + String.join(", ", medians);
    }

    private static String described(String kind) {
        return switch (kind) {
            case "none" -> "without an additional NIC";
            case "ours" -> "with two NICs of the platform";
            default -> "with two Multus networks, macvlan + whereabouts";
        };
    }

    /// Milliseconds from `kubectl apply` to Ready.
    private long start(String name, String networks) {
        String manifest = Manifests.pod(name, networks, cluster.nodes().getFirst());
        long start = System.nanoTime();
        cluster.apply(manifest).orThrow();
        Pod pod = cluster.kubernetes()
                .pods()
                .inNamespace(ClusterUnderTest.NAMESPACE)
                .withName(name)
                .waitUntilCondition(one -> one != null && PodObjects.ready(one), READY.toSeconds(), TimeUnit.SECONDS);
        long millis = (System.nanoTime() - start) / 1_000_000;
        if (networks.equals(StepContext.NETWORK)) {
            int nics = NetworkStatusAnnotation.nics(pod, networks).size();
            if (nics != context.nicsPerNode()) {
                throw new LabException(String.format(Locale.ROOT, "%s was ready with %d NICs", name, nics));
            }
        }
        return millis;
    }
}
