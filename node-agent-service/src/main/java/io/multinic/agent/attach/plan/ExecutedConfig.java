package io.multinic.agent.attach.plan;

import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachRequest.PluginSection;
import io.multinic.agent.attach.plan.AttachRequest.RuntimeValues;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Builds the configuration of an executed plugin: the network's `plugin` section with the values of the runtime, as
/// libcni and Multus add them.
///
/// Addresses that the pod requests reach the plugin's own IPAM in each of the three ways that IPAM plugins read
/// (CNI_ARGS, `runtimeConfig.ips`, `args.cni.ips`). Where the addresses come from this node's blocks, the plugin sees
/// none of these: its `static` IPAM would prefer them to the addresses of the blocks.
public final class ExecutedConfig {
    private static final String ADDRESSES = DriverConfig.Executed.ADDRESSES;

    private ExecutedConfig() {}

    /// @throws MultiNicException INVALID_NETWORK_CONFIG naming the value that cannot be passed on
    static DriverConfig.Executed of(AttachRequest request, List<String> interfaces) {
        return switch (request.addresses()) {
            case AddressSource.Blocks() -> executed(request, NullNode.getInstance(), Map.of());
            case AddressSource.Delegated delegated ->
                executed(request, delegated.ipam(), addressesOf(request, interfaces));
        };
    }

    /// The configuration for calls that concern a network and no pod (STATUS and GC); empty for a built-in driver.
    public static Optional<DriverConfig.Executed> ofNetwork(PluginSection plugin, AddressSource addresses) {
        return switch (addresses) {
            case AddressSource.Blocks() ->
                DriverConfigParser.BUILT_IN.contains(plugin.type())
                        ? Optional.empty()
                        : Optional.of(ofNetwork(plugin, NullNode.getInstance()));
            case AddressSource.Delegated delegated -> Optional.of(ofNetwork(plugin, delegated.ipam()));
        };
    }

    private static DriverConfig.Executed ofNetwork(PluginSection plugin, JsonNode ipam) {
        return new DriverConfig.Executed(plugin.type(), section(plugin), ipam, plugin.path(), plugin.args(), Map.of());
    }

    private static DriverConfig.Executed executed(
            AttachRequest request, JsonNode ipam, Map<String, List<String>> addresses) {
        var config = section(request.plugin());
        RuntimeValues runtime = request.runtime();
        config.setAll(runtime.device());
        ObjectNode runtimeConfig = runtime.config().deepCopy();
        runtimeConfig.remove(ADDRESSES);
        if (!runtimeConfig.isEmpty()) {
            config.set("runtimeConfig", runtimeConfig);
        }
        ObjectNode podArgs = runtime.podArgs().deepCopy();
        podArgs.remove(ADDRESSES);
        if (!ipam.isNull() && !podArgs.isEmpty()) {
            config.putObject("args").set("cni", podArgs);
        }
        var plugin = request.plugin();
        return new DriverConfig.Executed(
                plugin.type(), config, ipam, plugin.path(), withoutAddresses(plugin.args()), addresses);
    }

    private static ObjectNode section(PluginSection plugin) {
        if (plugin.type().contains("/")) {
            throw new MultiNicException(
                    ErrorCode.INVALID_NETWORK_CONFIG,
                    "plugin.type '" + plugin.type() + "' must be the name of a CNI plugin, not a path");
        }
        var config = plugin.config().deepCopy();
        if (config.path("cniVersion").asString("").isEmpty()) {
            config.put("cniVersion", plugin.cniVersion());
        }
        return config;
    }

    private static String withoutAddresses(String args) {
        return Arrays.stream(args.split(";", -1))
                .filter(pair -> !pair.startsWith("IP="))
                .collect(Collectors.joining(";"));
    }

    /// Divides the requested addresses: all of them to a single interface, otherwise the n-th of each family to the
    /// n-th interface.
    private static Map<String, List<String>> addressesOf(AttachRequest request, List<String> interfaces) {
        List<String> addresses = request.runtime().addresses();
        Map<String, List<String>> divided = new LinkedHashMap<>();
        if (addresses.isEmpty()) {
            return divided;
        }
        if (interfaces.size() == 1) {
            divided.put(interfaces.getFirst(), addresses);
            return divided;
        }
        for (boolean ipv6 : new boolean[] {false, true}) {
            var family = addresses.stream()
                    .filter(address -> address.contains(":") == ipv6)
                    .toList();
            if (!family.isEmpty() && family.size() != interfaces.size()) {
                throw new MultiNicException(
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "network " + request.network() + ": addresses " + family + " are requested for the interfaces "
                                + interfaces + "; request one of each family for each interface, or set `nics` in"
                                + " cni-args to " + family.size());
            }
            for (int i = 0; i < family.size(); i++) {
                divided.computeIfAbsent(interfaces.get(i), _ -> new ArrayList<>())
                        .add(family.get(i));
            }
        }
        return divided;
    }
}
