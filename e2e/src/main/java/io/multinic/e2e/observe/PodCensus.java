package io.multinic.e2e.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.address.IpAddress;
import io.multinic.e2e.harness.ClusterUnderTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Lists the pods that have processes on a node, and the interfaces in their network namespaces, from the kernel.
public final class PodCensus {
    /// Prints one line for each pod: UID, pid, interfaces. The cgroup of every process of a pod has the pod's UID in
    /// its name.
    private static final String SCRIPT = """
        declare -A seen
        grep -Hsom1 'pod[0-9a-f]\\{8\\}-[0-9a-f-]\\{27\\}' /proc/[0-9]*/cgroup | while IFS=: read -r file pod; do
            [ -z "${seen[$pod]}" ] || continue
            pid=${file#/proc/}
            pid=${pid%/cgroup}
            addresses=$(nsenter -t "$pid" -n ip -j -4 addr show 2>/dev/null | tr -d '\\n')
            [ -n "$addresses" ] || continue # the process has ended meanwhile
            seen[$pod]=1
            echo "${pod#pod} $pid $addresses"
        done
        """;

    private final ClusterUnderTest cluster;

    public PodCensus(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    /// All pods with a process on a node, except for pods on the host network.
    ///
    /// @param names `namespace/name` of the API server's pods by UID
    public List<RunningPod> on(String node, Map<String, String> names) {
        var pods = new ArrayList<RunningPod>();
        for (String line : cluster.onNode(node, SCRIPT).lines().toList()) {
            String[] fields = line.split(" ", 3);
            JsonNode interfaces = Serialization.unmarshal(fields[2], JsonNode.class);
            if (!onHostNetwork(interfaces)) {
                String name = names.getOrDefault(fields[0], "");
                pods.add(new RunningPod(fields[0], name, node, Long.parseLong(fields[1]), nics(interfaces)));
            }
        }
        return pods;
    }

    private static boolean onHostNetwork(JsonNode interfaces) {
        return interfaces.findValuesAsText("ifname").contains("eth1");
    }

    private static List<PodNic> nics(JsonNode interfaces) {
        var nics = new ArrayList<PodNic>();
        for (JsonNode one : interfaces) {
            String name = one.path("ifname").asText();
            if (name.matches("net\\d+-\\d+")) {
                for (JsonNode address : one.path("addr_info")) {
                    nics.add(new PodNic(
                            name, IpAddress.parse(address.path("local").asText())));
                }
            }
        }
        return nics;
    }
}
