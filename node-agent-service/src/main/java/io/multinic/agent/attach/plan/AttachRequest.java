package io.multinic.agent.attach.plan;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.PodRef;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An ADD, understood.
///
/// @param netns path of the pod's network namespace
/// @param network name of the MultiNicNetwork
/// @param wanted addresses that the user named
/// @param routes for the pod, as the network's `ipam` says
/// @param dns as it shall be in the result
/// @param fingerprint equal for requests that ask for the same
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
        JsonNode dns,
        String fingerprint) {
    public AttachRequest {
        wanted = List.copyOf(wanted);
        routes = List.copyOf(routes);
    }

    /// Which NICs; see [io.multinic.agent.select.SelectionRequest].
    public record NicChoice(String strategy, int nics, List<String> masters, List<Cidr> masterNets) {
        public NicChoice {
            masters = List.copyOf(masters);
            masterNets = List.copyOf(masterNets);
        }
    }

    /// How an interface is made: the network's `plugin`, and where to look for its program.
    ///
    /// @param type the CNI plugin's name
    /// @param config the whole section
    /// @param vlanMode the network's `vlanMode`, empty if none
    /// @param path directories of CNI_PATH
    /// @param args CNI_ARGS as they came
    public record PluginSection(
            String type, ObjectNode config, String cniVersion, String vlanMode, List<String> path, String args) {
        public PluginSection {
            path = List.copyOf(path);
        }
    }

    /// Where the addresses of the interfaces come from.
    public sealed interface AddressSource {
        /// From this node's blocks.
        record Blocks() implements AddressSource {}

        /// From the delegated plugin's own IPAM; `ipam` is its section as it is.
        record Delegated(JsonNode ipam) implements AddressSource {}
    }
}
