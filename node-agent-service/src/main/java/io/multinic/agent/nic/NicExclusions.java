package io.multinic.agent.nic;

import java.util.List;
import java.util.regex.Pattern;

/// Names of links that are never NICs: those of this agent and those of other network plugins.
///
/// @param patterns each must match a whole name
public record NicExclusions(List<Pattern> patterns) {
    /// Links of other network plugins, as they name them by default.
    public static final List<String> COMMON = List.of(
            "cni.*",
            "veth.*",
            "docker.*",
            "flannel.*",
            "cali.*",
            "cilium.*",
            "lxc.*",
            "eni[0-9a-f]{11}",
            "kube-ipvs.*",
            "kube-bridge",
            "nodelocaldns",
            "tunl.*",
            "vxlan.*",
            "genev_sys_.*",
            "ovn-k8s-.*",
            "virbr.*");

    /// `net1*` as in the original, and the host ends of this agent's routed veths.
    private static final Pattern OURS = Pattern.compile("net1.*|mnv.*");

    public NicExclusions {
        patterns = List.copyOf(patterns);
    }

    /// @throws java.util.regex.PatternSyntaxException naming the pattern
    public static NicExclusions of(List<String> patterns) {
        return new NicExclusions(patterns.stream().map(Pattern::compile).toList());
    }

    boolean excludes(String name) {
        return OURS.matcher(name).matches()
                || patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }
}
