package io.multinic.lab.e2e;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.lab.LabException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Pods that join a network by one annotation.
final class PodSteps {
    private static final int GRACE_SECONDS = 30;
    private static final Duration POD_STARTS = Duration.ofSeconds(45);

    private final Platform platform;
    private final Site site;

    PodSteps(Platform platform) {
        this.platform = platform;
        site = platform.site();
    }

    static String pods(String plugin) {
        return "pods-" + plugin;
    }

    Step everyPodHasItsNics(String plugin, int graceSeconds) {
        return new Step(
                pods(plugin),
                "each of " + Platform.WORKER_PODS + " pods over " + site.nodes().size()
                        + " nodes has its NICs, unique addresses of the right blocks, and network-status tells them",
                List.of(NetworkSteps.ready(plugin)),
                () -> startWorkers(graceSeconds));
    }

    Step everyPodReachesEveryPod(String plugin) {
        return new Step(
                "reach-" + plugin,
                "every pod reaches every pod over every NIC, on its node and across nodes",
                List.of(pods(plugin)),
                this::allToAll);
    }

    Step addressesComeBack(String plugin) {
        return new Step(
                "scale-to-0-grace-" + GRACE_SECONDS,
                "scaled to 0 with a grace period of " + GRACE_SECONDS + " s, every address comes back",
                List.of(pods(plugin)),
                () -> scaleToNothing(Platform.WORKERS));
    }

    Step addressesComeBackWithoutGrace(String plugin) {
        return new Step(
                "scale-to-0-grace-0",
                "scaled to 0 without grace, every address comes back",
                List.of(NetworkSteps.ready(plugin)),
                () -> {
                    platform.deploy(Platform.BURST, Platform.WORKER_PODS, 0);
                    site.awaitReady(Platform.BURST, Platform.WORKER_PODS, Platform.PODS_START);
                    platform.audit().holds();
                    return scaleToNothing(Platform.BURST);
                });
    }

    Step annotationAsJson(String plugin) {
        return new Step(
                "json-annotation",
                "nics, masters and static ips of the JSON annotation are obeyed",
                List.of(NetworkSteps.ready(plugin)),
                this::jsonAnnotation);
    }

    Step errorIsReadable(String plugin) {
        return new Step(
                "readable-error",
                "kubectl describe pod shows what was wrong with a pod's request",
                List.of(NetworkSteps.ready(plugin)),
                this::readableError);
    }

    private String startWorkers(int graceSeconds) {
        long start = System.nanoTime();
        platform.deploy(Platform.WORKERS, Platform.WORKER_PODS, graceSeconds);
        site.awaitReady(Platform.WORKERS, Platform.WORKER_PODS, Platform.PODS_START);
        long millis = (System.nanoTime() - start) / 1_000_000;
        String audit = platform.audit().holds();
        List<LivePod> pods = platform.audit().live("app", Platform.WORKERS);
        for (LivePod pod : pods) {
            List<String> names = pod.nics().stream().map(PodNic::name).toList();
            if (!names.equals(List.of("net1-0", "net1-1"))) {
                throw new LabException(pod + " has the NICs " + pod.nics());
            }
        }
        Map<String, Long> onNodes =
                pods.stream().collect(Collectors.groupingBy(LivePod::node, TreeMap::new, Collectors.counting()));
        if (onNodes.size() != site.nodes().size()) {
            throw new LabException("the pods are not on all nodes: " + onNodes);
        }
        return pods.size() + " pods ready after " + millis + " ms, " + onNodes + "; " + audit;
    }

    private String allToAll() {
        List<LivePod> pods = platform.audit().live("app", Platform.WORKERS);
        AllToAll pings = AllToAll.among(site, pods);
        int expected = pods.size() * (pods.size() - 1) * platform.nicsOfANode();
        if (pings.sent() != expected || !pings.lost().isEmpty()) {
            throw new LabException(pings.sent() + " pings, not " + expected + "; lost: " + pings.lost());
        }
        return pings.sent() + " of " + pings.sent() + " pings answered among " + pods.size() + " pods";
    }

    private String scaleToNothing(String deployment) {
        long start = System.nanoTime();
        platform.end(deployment);
        String audit = platform.audit().holds();
        return "gone and in the ledger after " + (System.nanoTime() - start) / 1_000_000 + " ms; " + audit;
    }

    private String jsonAnnotation() {
        String node = site.nodes().getFirst();
        List<IpAddress> wanted = platform.ipam().blocks(Platform.NETWORK).stream()
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
                && platform.ipam().audit(Platform.NETWORK).stream()
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
        String audit = platform.audit().holds();
        site.kubectl("-n", Site.NAMESPACE, "delete", "pod", "one-nic", "second-master", "static", "--timeout=30s");
        platform.audit().holds();
        return "nics 1: " + one + ", masters eth2: " + second + ", ips: " + fixed + "; " + audit;
    }

    private void start(String name, String selection, String node) {
        site.apply(Manifests.pod(name, "[{\"name\": \"" + Platform.NETWORK + "\", " + selection + "}]", node))
                .orThrow();
    }

    private List<PodNic> nics(String name) {
        site.awaitReady(name, 1, POD_STARTS);
        return platform.audit().live("app", name).getFirst().nics();
    }

    private String readableError() {
        String name = "wrong";
        start(name, "\"cni-args\": {\"masters\": [\"eth9\"]}", site.nodes().getFirst());
        try {
            var seen = new StringBuilder();
            Until.nothing("a word about eth9 in kubectl describe pod", POD_STARTS, () -> {
                seen.setLength(0);
                site.kubectl("-n", Site.NAMESPACE, "describe", "pod", name)
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
            site.kubectl("-n", Site.NAMESPACE, "delete", "pod", name, "--timeout=30s");
        }
    }
}
