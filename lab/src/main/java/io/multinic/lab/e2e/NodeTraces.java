package io.multinic.lab.e2e;

import java.util.List;

/// What of ours is on a node: every rule, route, link and file.
final class NodeTraces {
    private static final String BINARY = "/opt/cni/bin/multi-nic";

    /// 139 and 140 are the protocol numbers of our routes; `mnv` begins the names of our links.
    private static final String NETWORK_SCRIPT = """
            ip -4 rule show | grep -E 'multi-nic|192\\.168\\.0\\.0/16' | sed 's/^/rule /'
            ip -4 route show table all | grep -E 'proto (139|140)|multi-nic' | sed 's/^/route /'
            ip -o link show | grep -oE '(mnv[0-9a-f]+|net1-[0-9]+)[@:]' | sed 's/^/link /'
            true
            """;

    /// The folders themselves are kubelet's: it made them to mount them into the agent, which cannot remove them.
    private static final String FILES_SCRIPT = """
            find /run/multi-nic /var/lib/multi-nic -mindepth 1 2>/dev/null | sed 's/^/file /'
            ls -d /opt/cni/bin/multi-nic* /opt/cni/bin/.multi-nic* /etc/iproute2/rt_tables.d/multi-nic* \\
                /etc/cni/net.d/*multi-nic* 2>/dev/null | sed 's/^/file /'
            true
            """;

    private NodeTraces() {}

    /// Links, rules and routes.
    static List<String> ofNetworks(Site site) {
        return on(site, NETWORK_SCRIPT);
    }

    /// All of it.
    static List<String> ofEverything(Site site) {
        return on(site, NETWORK_SCRIPT + FILES_SCRIPT);
    }

    private static List<String> on(Site site, String script) {
        return site.nodes().stream()
                .flatMap(node -> site.onNode(node, script).lines().map(line -> node + ": " + line.strip()))
                .toList();
    }

    static boolean hasBinary(Site site, String node) {
        return site.cluster().node(node).run("test", "-x", BINARY).ok();
    }
}
