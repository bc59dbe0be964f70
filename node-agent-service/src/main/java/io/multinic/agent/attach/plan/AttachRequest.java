package io.multinic.agent.attach.plan;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.PodRef;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An ADD after parsing.
///
/// @param netns path of the pod's network namespace
/// @param network name of the MultiNicNetwork
/// @param wanted addresses that the user requested by name
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
        List<IpAddress> wanted,
        List<IpamRoute> routes,
        boolean replacesDefaultRoute,
        JsonNode dns,
        String fingerprint) {
    public AttachRequest {
        wanted = List.copyOf(wanted);
        routes = List.copyOf(routes);
    }

    /// Choice of NICs; see [io.multinic.agent.select.SelectionRequest].
    public record NicChoice(String strategy, int nics, List<String> masters, List<Cidr> masterNets) {
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

    /// Source of the addresses of the interfaces.
    public sealed interface AddressSource {
        /// The blocks of this node.
        record Blocks() implements AddressSource {}

        /// The delegated plugin's own IPAM; `ipam` is its unchanged section.
        record Delegated(JsonNode ipam) implements AddressSource {}
    }
}
