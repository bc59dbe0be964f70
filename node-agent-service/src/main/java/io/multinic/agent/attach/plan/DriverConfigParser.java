package io.multinic.agent.attach.plan;

import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachRequest.PluginSection;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.NewLink.IpvlanMode;
import io.multinic.agent.kernel.NewLink.MacvlanMode;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Parses the network's `plugin` section and the values of the runtime into the configuration of a driver.
///
/// A plugin with its own IPAM is always executed. Whatever a driver cannot do is refused by name.
public final class DriverConfigParser {
    static final Set<String> BUILT_IN = Set.of("macvlan", "ipvlan", "ptp");

    /// Keys of `runtimeConfig` that need a plugin; the built-in drivers implement `mac` and `ips` only.
    private static final List<String> OF_PLUGINS = List.of("bandwidth", "portMappings", "infinibandGUID");

    private final AttachRequest request;
    private final PluginSection plugin;
    private final List<String> interfaces;

    private DriverConfigParser(AttachRequest request, List<String> interfaces) {
        this.request = request;
        this.plugin = request.plugin();
        this.interfaces = interfaces;
    }

    /// @param interfaces names of the pod's interfaces
    /// @param table the network's route table, for drivers that add routes on the host
    /// @throws MultiNicException INVALID_NETWORK_CONFIG naming the argument
    static DriverConfig parse(AttachRequest request, List<String> interfaces, int table) {
        return new DriverConfigParser(request, interfaces).parse(table);
    }

    private DriverConfig parse(int table) {
        requireOneInterfaceForMac();
        boolean builtIn = request.addresses() instanceof AddressSource.Blocks && BUILT_IN.contains(plugin.type());
        if (!builtIn) {
            return ExecutedConfig.of(request, interfaces);
        }
        requireNothingOfPlugins();
        return switch (plugin.type()) {
            case "macvlan" ->
                new DriverConfig.Macvlan(
                        mode("bridge", MacvlanMode.values(), MacvlanMode::text), mtu(), acceptRa(), mac());
            case "ipvlan" -> ipvlan();
            default -> new DriverConfig.RoutedVeth(mtu(), table, mac());
        };
    }

    private DriverConfig ipvlan() {
        if (mac() != null) {
            throw invalid(
                    "mac " + mac() + " is requested, but interfaces of plugin ipvlan share the hardware address of"
                            + " their NIC; remove `mac`, or use macvlan");
        }
        String fallback = plugin.vlanMode().isEmpty() ? "l2" : plugin.vlanMode();
        return new DriverConfig.Ipvlan(mode(fallback, IpvlanMode.values(), IpvlanMode::text), mtu(), acceptRa());
    }

    private @Nullable HardwareAddress mac() {
        return request.runtime().mac();
    }

    private void requireOneInterfaceForMac() {
        if (mac() != null && interfaces.size() > 1) {
            throw invalid("mac " + mac() + " is requested for the interfaces " + interfaces
                    + "; a hardware address can be requested for one interface only: set `nics` to 1 in cni-args, or"
                    + " remove `mac`");
        }
    }

    private void requireNothingOfPlugins() {
        for (String key : OF_PLUGINS) {
            JsonNode value = request.runtime().config().path(key);
            if (!value.isMissingNode() && !value.isNull() && !(value.isContainer() && value.isEmpty())) {
                throw invalid("runtimeConfig." + key + " is requested, but plugin " + plugin.type()
                        + " does not implement it; remove it from the pod's annotation, or run a CNI plugin that"
                        + " implements it after multi-nic in a list of plugins");
            }
        }
    }

    private <M> M mode(String fallback, M[] modes, Function<M, String> text) {
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
    private int mtu() {
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

    private @Nullable Boolean acceptRa() {
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

    private MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK_CONFIG, "network " + request.network() + ": " + message);
    }
}
