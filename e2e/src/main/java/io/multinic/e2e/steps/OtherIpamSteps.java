package io.multinic.e2e.steps;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.Poll;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.observe.AllToAllPing;
import io.multinic.e2e.observe.PodNic;
import io.multinic.e2e.observe.RunningPod;
import io.multinic.lab.process.LabException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// Steps for a network whose addresses whereabouts assigns: an executed plugin that reads the node's files and writes
/// to the API server. Its pods run while the agents are killed and upgraded.
final class OtherIpamSteps {
    private static final String NAME = "other-ipam";
    private static final int PODS = 6;

    private final StepContext context;
    private final ClusterUnderTest cluster;
    private final String plugin;

    OtherIpamSteps(StepContext context, String plugin) {
        this.context = context;
        cluster = context.cluster();
        this.plugin = plugin;
    }

    Step attached() {
        return new Step(
                NAME,
                "pods of a network with whereabouts have their NICs, each with an address of its range",
                List.of(NetworkSteps.readyName(plugin)),
                this::attach);
    }

    Step released() {
        return new Step(
                NAME + "-released",
                "these pods still reach each other after the agents' upgrade; deleted, whereabouts holds no address",
                List.of(NAME, DisturbanceSteps.AGENT_UPGRADED),
                this::release);
    }

    private String attach() {
        cluster.apply(Manifests.whereaboutsOnEveryNic(NAME)).orThrow();
        cluster.kubectl("wait", "--for=condition=Ready", "multinicnetwork/" + NAME, "--timeout=45s");
        cluster.apply(Manifests.deployment(NAME, NAME, PODS, 0)).orThrow();
        cluster.awaitReady(NAME, PODS, StepContext.PODS_START);
        List<RunningPod> pods = pods();
        var addresses = new HashSet<String>();
        for (RunningPod pod : pods) {
            List<String> prefixes = pod.nics().stream()
                    .map(nic -> nic.name() + " " + prefix(nic))
                    .sorted() // the plugins run in parallel, so either may have created its link first
                    .toList();
            if (!prefixes.equals(List.of("net1-0 172.21.1.", "net1-1 172.21.2."))) {
                throw new LabException(pod + " has the NICs " + pod.nics());
            }
            pod.nics().forEach(nic -> addresses.add(nic.address().toString()));
        }
        if (addresses.size() != PODS * context.nicsPerNode() || held().size() != addresses.size()) {
            throw new LabException("addresses in pods: " + addresses + ", in whereabouts' pools: " + held());
        }
        return addresses.size() + " addresses in " + PODS + " pods and in whereabouts' pools; " + pings(pods);
    }

    private String release() {
        String pings = pings(pods());
        cluster.kubectl("-n", ClusterUnderTest.NAMESPACE, "delete", "deployment", NAME, "--timeout=30s");
        cluster.awaitReady(NAME, 0, StepContext.PODS_END);
        Poll.until(
                "no address left in whereabouts' pools",
                StepContext.PODS_END,
                () -> held().isEmpty() ? "" : String.join(", ", held()));
        cluster.kubectl("delete", "multinicnetwork", NAME, "--timeout=45s");
        return pings + "; no address is left in whereabouts' pools";
    }

    private List<RunningPod> pods() {
        List<RunningPod> pods = context.audit().running("app", NAME);
        if (pods.size() != PODS) {
            throw new LabException(PODS + " pods must run, there are " + pods);
        }
        return pods;
    }

    private String pings(List<RunningPod> pods) {
        AllToAllPing pings = AllToAllPing.among(cluster, pods);
        if (!pings.lost().isEmpty()) {
            throw new LabException("lost: " + pings.lost());
        }
        return pings.sent() + " pings answered";
    }

    private static String prefix(PodNic nic) {
        String address = nic.address().toString();
        return address.substring(0, address.lastIndexOf('.') + 1);
    }

    /// The addresses that whereabouts has assigned to pods of this network.
    private List<String> held() {
        String pools = cluster.kubectl("get", "ippools.whereabouts.cni.cncf.io", "-A", "-o", "json");
        var held = new ArrayList<String>();
        for (JsonNode pool : Serialization.unmarshal(pools, JsonNode.class).path("items")) {
            for (JsonNode allocation : pool.at("/spec/allocations")) {
                String pod = allocation.path("podref").asText();
                if (pod.startsWith(ClusterUnderTest.NAMESPACE + "/" + NAME + "-")) {
                    held.add(pod + " " + allocation.path("ifname").asText());
                }
            }
        }
        return held;
    }
}
