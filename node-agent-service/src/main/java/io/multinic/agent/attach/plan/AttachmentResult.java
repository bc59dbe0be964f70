package io.multinic.agent.attach.plan;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The interfaces and addresses of a complete attachment, independent of the CNI version of the reply.
///
/// @param interfaces those of the pod in order, then the host ends
/// @param routes as in a CNI result; keys without value may be null
public record AttachmentResult(
        List<AttachedInterface> interfaces, List<AttachedAddress> addresses, List<JsonNode> routes, JsonNode dns) {
    public AttachmentResult {
        interfaces = List.copyOf(interfaces);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /// A link of the attachment.
    ///
    /// @param sandbox path of the pod's namespace; empty for a host end
    /// @param pluginResult result of the executed plugin; null for built-in drivers
    public record AttachedInterface(
            String name,
            String mac,
            int mtu,
            String sandbox,
            @Nullable JsonNode pluginResult) {}

    /// An address of one of the interfaces.
    ///
    /// @param interfaceIndex position in `interfaces`
    public record AttachedAddress(
            int interfaceIndex,
            PrefixedAddress address,
            @Nullable IpAddress gateway) {}
}
