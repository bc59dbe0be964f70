package io.multinic.agent.attach.plan;

import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachRequest.PluginSection;
import io.multinic.agent.kernel.NewLink.IpvlanMode;
import io.multinic.agent.kernel.NewLink.MacvlanMode;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/// Parses the network's `plugin` section into the configuration of a built-in driver or of an executed plugin.
///
/// A plugin with its own IPAM is always executed.
public final class DriverConfigParser {
    private DriverConfigParser() {}

    /// @param table the network's route table, for drivers that add routes on the host
    /// @throws MultiNicException INVALID_NETWORK_CONFIG naming the argument
    static DriverConfig parse(PluginSection plugin, AddressSource addresses, int table) {
        return switch (addresses) {
            case AddressSource.Delegated delegated -> executed(plugin, delegated.ipam());
            case AddressSource.Blocks() ->
                switch (plugin.type()) {
                    case "macvlan" ->
                        new DriverConfig.Macvlan(
                                mode(plugin, "bridge", MacvlanMode.values(), MacvlanMode::text),
                                mtu(plugin),
                                acceptRa(plugin));
                    case "ipvlan" ->
                        new DriverConfig.Ipvlan(
                                mode(
                                        plugin,
                                        plugin.vlanMode().isEmpty() ? "l2" : plugin.vlanMode(),
                                        IpvlanMode.values(),
                                        IpvlanMode::text),
                                mtu(plugin),
                                acceptRa(plugin));
                    case "ptp" -> new DriverConfig.RoutedVeth(mtu(plugin), table);
                    default -> executed(plugin, NullNode.getInstance());
                };
        };
    }

    private static DriverConfig executed(PluginSection plugin, JsonNode ipam) {
        if (plugin.type().contains("/")) {
            throw invalid("plugin.type '" + plugin.type() + "' must be the name of a CNI plugin, not a path");
        }
        var config = plugin.config().deepCopy();
        if (config.path("cniVersion").asString("").isEmpty()) {
            config.put("cniVersion", plugin.cniVersion());
        }
        return new DriverConfig.Executed(plugin.type(), config, ipam, plugin.path(), plugin.args());
    }

    private static <M> M mode(PluginSection plugin, String fallback, M[] modes, Function<M, String> text) {
        String wanted = plugin.config().path("mode").asString("");
        String mode = wanted.isEmpty() ? fallback : wanted;
        return Arrays.stream(modes)
                .filter(candidate -> text.apply(candidate).equals(mode))
                .findFirst()
                .orElseThrow(() -> invalid("mode '" + mode + "' of plugin " + plugin.type() + " is not one of "
                        + Arrays.stream(modes).map(text).collect(Collectors.joining(", "))));
    }

    /// The MTU as a number or a string, since plugin arguments of a MultiNicNetwork are strings; 0 for the NIC's
    /// own.
    private static int mtu(PluginSection plugin) {
        JsonNode mtu = plugin.config().path("mtu");
        if (mtu.isMissingNode() || mtu.isNull()) {
            return 0;
        }
        String text = mtu.asString("");
        if (!text.matches("\\d{1,6}")) {
            throw invalid("mtu " + mtu + " of plugin " + plugin.type() + " is not a number of bytes");
        }
        return Integer.parseInt(text);
    }

    /// Router advertisements as true or false, also as a string; null if the network does not mention them.
    private static @Nullable Boolean acceptRa(PluginSection plugin) {
        JsonNode value = plugin.config().path("acceptRA");
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        return switch (value.asString("")) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw invalid("acceptRA " + value + " of plugin " + plugin.type() + " is neither true nor false");
        };
    }

    private static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK_CONFIG, message);
    }
}
