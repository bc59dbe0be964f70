package io.multinic.e2e.steps;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.Poll;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.observe.AllToAllPing;
import io.multinic.e2e.observe.PodNic;
import io.multinic.e2e.observe.RunningPod;
import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Steps for pods that join a network by one annotation.
final class PodSteps {
    private static final int GRACE_SECONDS = 30;
    private static final Duration POD_STARTS = Duration.ofSeconds(45);

    private final StepContext context;
    private final ClusterUnderTest cluster;

    PodSteps(StepContext context) {
        this.context = context;
        cluster = context.cluster();
    }

    static String attachedName(String plugin) {
        return "pods-" + plugin;
    }

    Step attached(String plugin, int graceSeconds) {
        return new Step(
                attachedName(plugin),
                "each of " + StepContext.WORKER_PODS + " pods over "
                        + cluster.nodes().size()
                        + " nodes has its NICs and unique addresses from the right blocks, as shown in network-status",
                List.of(NetworkSteps.readyName(plugin)),
                () -> startWorkers(graceSeconds));
    }

    Step reachable(String plugin) {
        return new Step(
                "reach-" + plugin,
                "every pod reaches every pod over every NIC, on its node and across nodes",
                List.of(attachedName(plugin)),
                this::allToAll);
    }

    Step scaledDownWithGrace(String plugin) {
        return new Step(
                "scale-to-0-grace-" + GRACE_SECONDS,
                "scaled to 0 with a grace period of " + GRACE_SECONDS + " s, every address is released",
                List.of(attachedName(plugin)),
                () -> scaleToNothing(StepContext.WORKERS));
    }

    Step scaledDownWithoutGrace(String plugin) {
        return new Step(
                "scale-to-0-grace-0",
                "scaled to 0 without a grace period, every address is released",
                List.of(NetworkSteps.readyName(plugin)),
                () -> {
                    context.deploy(StepContext.BURST, StepContext.WORKER_PODS, 0);
                    cluster.awaitReady(StepContext.BURST, StepContext.WORKER_PODS, StepContext.PODS_START);
                    context.audit().awaitConsistent();
                    return scaleToNothing(StepContext.BURST);
                });
    }

    Step jsonAnnotation(String plugin) {
        return new Step(
                "json-annotation",
                "nics, masters and static ips of the JSON annotation are applied",
                List.of(NetworkSteps.readyName(plugin)),
                this::checkJsonAnnotation);
    }

    Step readableError(String plugin) {
        return new Step(
                "readable-error",
                "kubectl describe pod shows the error in a pod's request",
                List.of(NetworkSteps.readyName(plugin)),
                this::checkReadableError);
    }

    private String startWorkers(int graceSeconds) {
        long start = System.nanoTime();
        context.deploy(StepContext.WORKERS, StepContext.WORKER_PODS, graceSeconds);
        cluster.awaitReady(StepContext.WORKERS, StepContext.WORKER_PODS, StepContext.PODS_START);
        long millis = (System.nanoTime() - start) / 1_000_000;
        String audit = context.audit().awaitConsistent();
        List<RunningPod> pods = context.audit().running("app", StepContext.WORKERS);
        for (RunningPod pod : pods) {
            List<String> names = pod.nics().stream().map(PodNic::name).toList();
            if (!names.equals(List.of("net1-0", "net1-1"))) {
                throw new LabException(pod + " has the NICs " + pod.nics());
            }
        }
        Map<String, Long> onNodes =
                pods.stream().collect(Collectors.groupingBy(RunningPod::node, TreeMap::new, Collectors.counting()));
        if (onNodes.size() != cluster.nodes().size()) {
            throw new LabException("not every node has a pod: " + onNodes);
        }
        return pods.size() + " pods ready after " + millis + " ms, " + onNodes + "; " + audit;
    }

    private String allToAll() {
        List<RunningPod> pods = context.audit().running("app", StepContext.WORKERS);
        AllToAllPing pings = AllToAllPing.among(cluster, pods);
        int expected = pods.size() * (pods.size() - 1) * context.nicsPerNode();
        if (pings.sent() != expected || !pings.lost().isEmpty()) {
            throw new LabException(pings.sent() + " pings instead of " + expected + "; lost: " + pings.lost());
        }
        return pings.sent() + " of " + pings.sent() + " pings answered among " + pods.size() + " pods";
    }

    private String scaleToNothing(String deployment) {
        long start = System.nanoTime();
        context.scaleToZero(deployment);
        String audit = context.audit().awaitConsistent();
        return "deleted and closed in the ledger after " + (System.nanoTime() - start) / 1_000_000 + " ms; " + audit;
    }

    private String checkJsonAnnotation() {
        String node = cluster.nodes().getFirst();
        List<IpAddress> wanted = context.ipam().blocks(StepContext.NETWORK).stream()
                .filter(block -> block.node().equals(node))
                .map(NodeBlock::block)
                .sorted((one, other) -> Integer.compare(one.interfaceIndex(), other.interfaceIndex()))
                .map(NicBlock::podBlock)
                .map(block -> block.first().plus(block.size() / 2))
                .toList();
        String ips = wanted.stream().map(address -> "\"" + address + "\"").collect(Collectors.joining(","));
        start("one-nic", "\"cni-args\": {\"nics\": 1}", node);
        start("second-master", "\"cni-args\": {\"masters\": [\"eth2\"]}", node);
        start("static", "\"ips\": [" + ips + "]", node);
        List<PodNic> one = nics("one-nic");
        List<PodNic> second = nics("second-master");
        List<PodNic> fixed = nics("static");
        if (one.size() != 1) {
            throw new LabException("nics: 1 gave " + one);
        }
        boolean onSecond = second.size() == 1
                && context.ipam().audit(StepContext.NETWORK).stream()
                        .anyMatch(interval -> interval.to() == null
                                && interval.allocation()
                                        .address()
                                        .equals(second.getFirst().address())
                                && interval.allocation().nic().equals("eth2"));
        if (!onSecond) {
            throw new LabException("masters: [eth2] gave " + second);
        }
        if (!fixed.stream().map(PodNic::address).toList().equals(wanted)) {
            throw new LabException("ips: " + wanted + " gave " + fixed);
        }
        String audit = context.audit().awaitConsistent();
        cluster.kubectl(
                "-n",
                ClusterUnderTest.NAMESPACE,
                "delete",
                "pod",
                "one-nic",
                "second-master",
                "static",
                "--timeout=30s");
        context.audit().awaitConsistent();
        return "nics 1: " + one + ", masters eth2: " + second + ", ips: " + fixed + "; " + audit;
    }

    private void start(String name, String selection, String node) {
        cluster.apply(Manifests.pod(name, "[{\"name\": \"" + StepContext.NETWORK + "\", " + selection + "}]", node))
                .orThrow();
    }

    private List<PodNic> nics(String name) {
        cluster.awaitReady(name, 1, POD_STARTS);
        return context.audit().running("app", name).getFirst().nics();
    }

    private String checkReadableError() {
        String name = "invalid-request";
        start(name, "\"cni-args\": {\"masters\": [\"eth9\"]}", cluster.nodes().getFirst());
        try {
            var seen = new StringBuilder();
            Poll.until("an event about eth9 in kubectl describe pod", POD_STARTS, () -> {
                seen.setLength(0);
                cluster.kubectl("-n", ClusterUnderTest.NAMESPACE, "describe", "pod", name)
                        .lines()
                        .filter(line -> line.contains("eth9") && line.contains("FailedCreatePodSandBox"))
                        .findFirst()
                        .ifPresent(seen::append);
                return seen.isEmpty() ? "no such event" : "";
            });
            return seen.toString()
                    .strip()
                    .replaceAll("\\s+", " ")
                    .replaceFirst(".*multi-nic-sample", "… multi-nic-sample");
        } finally {
            cluster.kubectl("-n", ClusterUnderTest.NAMESPACE, "delete", "pod", name, "--timeout=30s");
        }
    }
}
