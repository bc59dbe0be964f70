package io.multinic.agent.attach.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.NewLink.IpvlanMode;
import io.multinic.agent.kernel.NewLink.MacvlanMode;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Configuration of the driver that creates the interfaces of an attachment; recorded with it, since DEL works from the
/// record.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DriverConfig.Macvlan.class, name = "macvlan"),
    @JsonSubTypes.Type(value = DriverConfig.Ipvlan.class, name = "ipvlan"),
    @JsonSubTypes.Type(value = DriverConfig.RoutedVeth.class, name = "ptp"),
    @JsonSubTypes.Type(value = DriverConfig.Executed.class, name = "executed"),
})
public sealed interface DriverConfig {
    /// A child link of the NIC.
    sealed interface ChildLink extends DriverConfig {
        /// 0 for the MTU of the NIC.
        int mtu();

        /// Null, as in records of earlier releases, for false.
        @Nullable
        Boolean acceptRa();

        /// Requested hardware address; null for one of the kernel's choice.
        default @Nullable HardwareAddress mac() {
            return null;
        }

        /// True if the network lets its pods configure addresses and routes from router advertisements.
        default boolean acceptsRouterAdvertisements() {
            return Boolean.TRUE.equals(acceptRa());
        }
    }

    /// A child link with a hardware address of its own.
    ///
    /// @param mac requested hardware address; null for one of the kernel's choice
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Macvlan(
            MacvlanMode mode,
            int mtu,
            @Nullable Boolean acceptRa,
            @Nullable HardwareAddress mac) implements ChildLink {
        public Macvlan(MacvlanMode mode, int mtu) {
            this(mode, mtu, null, null);
        }
    }

    /// A child link that shares the hardware address of the NIC.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Ipvlan(IpvlanMode mode, int mtu, @Nullable Boolean acceptRa) implements ChildLink {
        public Ipvlan(IpvlanMode mode, int mtu) {
            this(mode, mtu, null);
        }
    }

    /// A veth pair whose host end represents the pod's on-link network; the host routes.
    ///
    /// @param table route table of the host's routes to the pod
    /// @param mac hardware address of the pod's end; null for one of the kernel's choice
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RoutedVeth(int mtu, int table, @Nullable HardwareAddress mac) implements DriverConfig {}

    /// The program of a CNI plugin.
    ///
    /// @param config the plugin's section, without the values that differ between interfaces
    /// @param ipam the plugin's own `ipam` section; a null node if the addresses are this node's
    /// @param path directories of CNI_PATH
    /// @param addresses requested addresses of each interface, for the plugin's own IPAM; empty in the records of
    ///     earlier agents
    record Executed(
            String type,
            ObjectNode config,
            JsonNode ipam,
            List<String> path,
            String args,
            Map<String, List<String>> addresses)
            implements DriverConfig {
        static final String ADDRESSES = "ips";

        public Executed {
            path = List.copyOf(path);
            addresses = addresses == null ? Map.of() : Map.copyOf(addresses);
        }

        /// The configuration for one interface, with the addresses that are requested for it: a copy.
        public ObjectNode configOf(String podInterface) {
            ObjectNode own = config.deepCopy();
            var requested = addresses.getOrDefault(podInterface, List.of());
            if (!requested.isEmpty()) {
                var list = own.withObject("/runtimeConfig").putArray(ADDRESSES);
                requested.forEach(list::add);
                own.withObject("/args/cni").set(ADDRESSES, list.deepCopy());
            }
            return own;
        }

        /// CNI_ARGS for one interface. `IP` can hold a single address for most plugins.
        public String argsOf(String podInterface) {
            var requested = addresses.getOrDefault(podInterface, List.of());
            return requested.size() == 1
                    ? Stream.of(args, "IP=" + requested.getFirst())
                            .filter(text -> !text.isEmpty())
                            .collect(Collectors.joining(";"))
                    : args;
        }

        public boolean ownAddresses() {
            return ipam.isNull();
        }
    }
}
