package io.multinic.e2e.observe;

import io.multinic.e2e.harness.ClusterUnderTest;
import java.util.List;

/// Lists the rules, routes, links and files of the platform on the nodes.
public final class NodeLeftovers {
    private static final String BINARY = "/opt/cni/bin/multi-nic";

    /// 139 and 140 are the protocol numbers of the agent's routes; names of its links begin with `mnv`.
    private static final String NETWORK_SCRIPT = """
        ip -4 rule show | grep -E 'multi-nic|192\\.168\\.0\\.0/16' | sed 's/^/rule /'
        ip -4 route show table all | grep -E 'proto (139|140)|multi-nic' | sed 's/^/route /'
        ip -o link show | grep -oE '(mnv[0-9a-f]+|net1-[0-9]+)[@:]' | sed 's/^/link /'
        true
        """;

    /// The directories themselves stay: kubelet made them as mount points of the agent, which cannot remove them.
    private static final String FILES_SCRIPT = """
        find /run/multi-nic /var/lib/multi-nic -mindepth 1 2>/dev/null | sed 's/^/file /'
        ls -d /opt/cni/bin/multi-nic* /opt/cni/bin/.multi-nic* /etc/iproute2/rt_tables.d/multi-nic* \\
            /etc/cni/net.d/*multi-nic* 2>/dev/null | sed 's/^/file /'
        true
        """;

    private NodeLeftovers() {}

    /// Links, rules and routes.
    public static List<String> ofNetworks(ClusterUnderTest cluster) {
        return on(cluster, NETWORK_SCRIPT);
    }

    /// Links, rules, routes and files.
    public static List<String> ofEverything(ClusterUnderTest cluster) {
        return on(cluster, NETWORK_SCRIPT + FILES_SCRIPT);
    }

    private static List<String> on(ClusterUnderTest cluster, String script) {
        return cluster.nodes().stream()
                .flatMap(node -> cluster.onNode(node, script).lines().map(line -> node + ": " + line.strip()))
                .toList();
    }

    public static boolean hasBinary(ClusterUnderTest cluster, String node) {
        return cluster.real().node(node).run("test", "-x", BINARY).ok();
    }
}
