package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.contract.wire.AllocationInterval;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Looks at kernels, annotations and ledger until they agree, and holds the invariants against them.
final class Audit {
    /// Kubelet asks once a minute again for the end of a sandbox whose DEL failed.
    private static final Duration AGREES = Duration.ofSeconds(100);

    private static final int AT_MOST = 12;

    private final Site site;
    private final IpamRest ipam;
    private final Witness witness;
    private final String network;

    Audit(Site site, IpamRest ipam, Witness witness, String network) {
        this.site = site;
        this.ipam = ipam;
        this.witness = witness;
        this.network = network;
    }

    /// Waits until nothing violates the invariants; the cluster must be quiet.
    ///
    /// @return what was looked at, in figures
    /// @throws io.multinic.lab.LabException with the violations that stayed
    String holds() {
        var last = new ArrayList<Observation>();
        Until.nothing("every address once, in its pod, its block and the ledger", AGREES, () -> {
            last.clear();
            last.add(observe());
            List<String> violations = Invariants.violations(last.getFirst());
            return violations.size() <= AT_MOST
                    ? String.join("\n", violations)
                    : String.join("\n", violations.subList(0, AT_MOST)) + "\n… and " + (violations.size() - AT_MOST)
                            + " more";
        });
        return figures(last.getFirst());
    }

    private static String figures(Observation seen) {
        long nics = seen.pods().stream().mapToLong(pod -> pod.nics().size()).sum();
        long open =
                seen.ledger().stream().filter(interval -> interval.to() == null).count();
        return nics + " addresses in pods, each once and in its block; ledger: "
                + seen.ledger().size() + " intervals, " + open + " open, "
                + seen.sightings().size() + " sightings all told";
    }

    /// All witnesses, one after the other.
    Observation observe() {
        List<Pod> pods =
                site.kubernetes().pods().inNamespace(Site.NAMESPACE).list().getItems();
        Map<String, String> names =
                pods.stream().collect(Collectors.toMap(pod -> pod.getMetadata().getUid(), Pods::name));
        var told = new HashMap<String, List<PodNic>>();
        for (Pod pod : pods) {
            List<PodNic> nics = Pods.told(pod, network);
            if (!nics.isEmpty()) {
                told.put(pod.getMetadata().getUid(), nics);
            }
        }
        List<LivePod> live = live(names);
        witness.saw(live, Instant.now());
        List<AllocationInterval> ledger = ipam.audit(network);
        return new Observation(live, told, ledger, ipam.blocks(network), witness.sightings());
    }

    /// Every pod with a process on any node.
    private List<LivePod> live(Map<String, String> names) {
        var census = new Census(site);
        var live = new ArrayList<LivePod>();
        site.nodes().forEach(node -> live.addAll(census.on(node, names)));
        return live;
    }

    /// The pods of a deployment, with their processes and interfaces.
    List<LivePod> live(String label, String value) {
        Map<String, String> names = site.pods(label, value).stream()
                .collect(Collectors.toMap(pod -> pod.getMetadata().getUid(), Pods::name));
        List<LivePod> live =
                live(names).stream().filter(pod -> names.containsKey(pod.uid())).toList();
        witness.saw(live, Instant.now());
        return live;
    }
}
