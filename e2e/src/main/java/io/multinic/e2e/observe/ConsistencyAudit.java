package io.multinic.e2e.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.PodObjects;
import io.multinic.e2e.harness.Poll;
import io.multinic.lab.client.IpamApi;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares kernels, annotations and ledger of a network until they are consistent.
public final class ConsistencyAudit {
    /// Longer than one minute: kubelet retries the end of a sandbox whose DEL failed once a minute.
    private static final Duration LIMIT = Duration.ofSeconds(100);

    private static final int MAX_REPORTED = 12;

    private final ClusterUnderTest cluster;
    private final IpamApi ipam;
    private final SightingRecorder recorder;
    private final String network;

    public ConsistencyAudit(ClusterUnderTest cluster, IpamApi ipam, SightingRecorder recorder, String network) {
        this.cluster = cluster;
        this.ipam = ipam;
        this.recorder = recorder;
        this.network = network;
    }

    /// Waits until no invariant is violated. No pod may start or end meanwhile.
    ///
    /// @return the figures of the last observation
    /// @throws io.multinic.lab.process.LabException with the remaining violations
    public String awaitConsistent() {
        var last = new ArrayList<Observation>();
        Poll.until("every address once, in its pod, its block and the ledger", LIMIT, () -> {
            last.clear();
            last.add(observe());
            List<String> violations = AddressInvariants.violations(last.getFirst());
            return violations.size() <= MAX_REPORTED
                    ? String.join("\n", violations)
                    : String.join("\n", violations.subList(0, MAX_REPORTED)) + "\n… and "
                            + (violations.size() - MAX_REPORTED) + " more";
        });
        return figures(last.getFirst());
    }

    private static String figures(Observation observed) {
        long nics = observed.pods().stream().mapToLong(pod -> pod.nics().size()).sum();
        long open = observed.ledger().stream()
                .filter(interval -> interval.to() == null)
                .count();
        return nics + " addresses in pods, each once and in its block; ledger: "
                + observed.ledger().size() + " intervals, " + open + " open, "
                + observed.sightings().size() + " sightings in total";
    }

    private Observation observe() {
        List<Pod> pods = cluster.kubernetes()
                .pods()
                .inNamespace(ClusterUnderTest.NAMESPACE)
                .list()
                .getItems();
        Map<String, String> names =
                pods.stream().collect(Collectors.toMap(pod -> pod.getMetadata().getUid(), PodObjects::name));
        var annotated = new HashMap<String, List<PodNic>>();
        for (Pod pod : pods) {
            List<PodNic> nics = NetworkStatusAnnotation.nics(pod, network);
            if (!nics.isEmpty()) {
                annotated.put(pod.getMetadata().getUid(), nics);
            }
        }
        Set<String> others = otherNetworks(pods);
        List<RunningPod> running = running(names).stream()
                .filter(pod -> !others.contains(pod.uid()))
                .toList();
        recorder.recordRunning(running, Instant.now());
        List<AllocationInterval> ledger = ipam.audit(network);
        return new Observation(running, annotated, ledger, ipam.blocks(network), recorder.sightings());
    }

    /// The pods that request other networks only: their addresses are not in this network's ledger.
    private Set<String> otherNetworks(List<Pod> pods) {
        return pods.stream()
                .filter(pod -> !NetworkStatusAnnotation.requested(pod).contains(network))
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    /// Every pod with a process on any node.
    private List<RunningPod> running(Map<String, String> names) {
        var census = new PodCensus(cluster);
        var running = new ArrayList<RunningPod>();
        cluster.nodes().forEach(node -> running.addAll(census.on(node, names)));
        return running;
    }

    /// The pods with a label, with their processes and interfaces.
    public List<RunningPod> running(String label, String value) {
        List<Pod> pods = cluster.pods(label, value);
        Map<String, String> names =
                pods.stream().collect(Collectors.toMap(pod -> pod.getMetadata().getUid(), PodObjects::name));
        Set<String> others = otherNetworks(pods);
        List<RunningPod> running = running(names).stream()
                .filter(pod -> names.containsKey(pod.uid()))
                .toList();
        recorder.recordRunning(
                running.stream().filter(pod -> !others.contains(pod.uid())).toList(), Instant.now());
        return running;
    }
}
