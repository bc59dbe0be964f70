package io.multinic.lab.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the kernels of the nodes say: which pods have processes, and which interfaces are in their namespaces.
final class Census {
    /// Every process of a pod is in a cgroup that carries the pod's UID. One line for each pod: UID, pid, interfaces.
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

    private final Site site;

    Census(Site site) {
        this.site = site;
    }

    /// All pods with a process on a node, those on the node's own network left out.
    ///
    /// @param names `namespace/name` by UID, as the API server has them
    List<LivePod> on(String node, Map<String, String> names) {
        var pods = new ArrayList<LivePod>();
        for (String line : site.onNode(node, SCRIPT).lines().toList()) {
            String[] words = line.split(" ", 3);
            JsonNode interfaces = Serialization.unmarshal(words[2], JsonNode.class);
            if (!onTheNodesNetwork(interfaces)) {
                String name = names.getOrDefault(words[0], "");
                pods.add(new LivePod(words[0], name, node, Long.parseLong(words[1]), nics(interfaces)));
            }
        }
        return pods;
    }

    private static boolean onTheNodesNetwork(JsonNode interfaces) {
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
