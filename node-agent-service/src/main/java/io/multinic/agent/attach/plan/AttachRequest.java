package io.multinic.agent.attach.plan;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.select.SelectionPolicy;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.PodRef;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An ADD after parsing.
///
/// @param netns path of the pod's network namespace
/// @param network name of the MultiNicNetwork
/// @param runtime values that the runtime passes for this pod
/// @param routes routes of the pod, from the network's `ipam` section
/// @param replacesDefaultRoute true if `routes` may replace the default route that the pod has
/// @param dns DNS section of the result
/// @param fingerprint equal for requests with equal content
public record AttachRequest(
        AttachmentKey key,
        String netns,
        PodRef pod,
        String network,
        NicChoice nics,
        PluginSection plugin,
        AddressSource addresses,
        RuntimeValues runtime,
        List<IpamRoute> routes,
        boolean replacesDefaultRoute,
        JsonNode dns,
        String fingerprint) {
    public AttachRequest {
        routes = List.copyOf(routes);
    }

    /// Choice of NICs; see [io.multinic.agent.select.SelectionRequest].
    public record NicChoice(SelectionPolicy policy, int nics, List<String> masters, List<Cidr> masterNets) {
        public NicChoice {
            masters = List.copyOf(masters);
            masterNets = List.copyOf(masterNets);
        }
    }

    /// The network's `plugin` section, and the search path of its program.
    ///
    /// @param type the CNI plugin's name
    /// @param config the whole section
    /// @param vlanMode the network's `vlanMode`, empty if none
    /// @param path directories of CNI_PATH
    /// @param args unparsed CNI_ARGS
    public record PluginSection(
            String type, ObjectNode config, String cniVersion, String vlanMode, List<String> path, String args) {
        public PluginSection {
            path = List.copyOf(path);
        }
    }

    /// Values for one pod, from its annotation or from the device plugin, as the runtime and Multus pass them.
    ///
    /// @param mac requested hardware address; null if none
    /// @param addresses requested addresses as written, with or without prefix length
    /// @param config the configuration's `runtimeConfig`
    /// @param device the keys `deviceID` and `pciBusID` that Multus adds to the configuration
    /// @param podArgs the pod's `cni-args`
    public record RuntimeValues(
            @Nullable HardwareAddress mac,
            List<String> addresses,
            ObjectNode config,
            ObjectNode device,
            ObjectNode podArgs) {
        public RuntimeValues {
            addresses = List.copyOf(addresses);
        }
    }

    /// Source of the addresses of the interfaces.
    public sealed interface AddressSource {
        /// The blocks of this node.
        record Blocks() implements AddressSource {}

        /// The delegated plugin's own IPAM; `ipam` is its unchanged section.
        record Delegated(JsonNode ipam) implements AddressSource {}
    }
}
