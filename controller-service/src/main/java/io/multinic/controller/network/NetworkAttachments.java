package io.multinic.controller.network;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.AttachmentPolicy;
import io.multinic.contract.crd.AttachmentPolicy.Strategy;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Builds the CNI configuration that a NetworkAttachmentDefinition holds; keys and shapes are the original's.
final class NetworkAttachments {
    private static final String CNI_TYPE = "multi-nic";

    /// Port of the original's agent. Ours has a Unix socket; the key stays for tools that read the configuration.
    private static final int FORMER_DAEMON_PORT = 11000;

    private NetworkAttachments() {}

    /// Builds the configuration. Subnets and masterNets are written without host bits.
    static String config(
            String network,
            Networks networks,
            IpamSection ipam,
            PluginSection plugin,
            @Nullable AttachmentPolicy policy) {
        var config = JsonNodeFactory.instance.objectNode();
        config.put("cniVersion", plugin.cniVersion());
        config.put("name", network);
        config.put("type", CNI_TYPE);
        config.set("ipam", ipam.json());
        config.set("dns", plugin.dns());
        config.set("plugin", plugin.json());
        config.put("subnet", networks.subnets().stream().map(Cidr::toString).collect(Collectors.joining(",")));
        var masterNets = config.putArray("masterNets");
        networks.masterNets().forEach(net -> masterNets.add(net.toString()));
        config.put("multiNICIPAM", networks.planned());
        config.put("daemonIP", "");
        config.put("daemonPort", FORMER_DAEMON_PORT);
        if (!plugin.capabilities().isEmpty()) {
            config.set("capabilities", plugin.capabilities());
        }
        putPolicy(config, policy);
        return JsonMapper.shared().writeValueAsString(config);
    }

    private static void putPolicy(ObjectNode config, @Nullable AttachmentPolicy policy) {
        if (policy == null) {
            return;
        }
        var json = config.objectNode();
        if (policy.strategy() != null && policy.strategy() != Strategy.NONE) {
            json.put("strategy", wireName(policy.strategy()));
            if (policy.target() != null && !policy.target().isBlank()) {
                json.put("target", policy.target());
            }
        }
        if (Boolean.TRUE.equals(policy.allowPartial())) {
            json.put("allowPartial", true);
        }
        if (!json.isEmpty()) {
            config.set("attachPolicy", json);
        }
    }

    private static String wireName(Strategy strategy) {
        return switch (strategy) {
            case NONE, TOPOLOGY -> strategy.name().toLowerCase(Locale.ROOT);
            case COST_OPT -> "costOpt";
            case PERF_OPT -> "perfOpt";
            case DEV_CLASS -> "devClass";
        };
    }

    /// Address ranges of a network.
    ///
    /// @param planned true if ipam-service divides them
    record Networks(List<Cidr> subnets, List<Cidr> masterNets, boolean planned) {
        Networks {
            subnets = List.copyOf(subnets);
            masterNets = List.copyOf(masterNets);
        }
    }
}
