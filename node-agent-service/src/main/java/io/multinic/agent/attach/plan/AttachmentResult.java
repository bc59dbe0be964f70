package io.multinic.agent.attach.plan;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What was attached, whatever the CNI version of the answer.
///
/// @param interfaces those of the pod first, in order; then the host's ends
public record AttachmentResult(
        List<AttachedInterface> interfaces, List<AttachedAddress> addresses, List<IpamRoute> routes, JsonNode dns) {
    public AttachmentResult {
        interfaces = List.copyOf(interfaces);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /// @param sandbox path of the pod's namespace; empty for an end that is on the host
    /// @param pluginResult what the executed plugin answered; null for built-in wiring
    public record AttachedInterface(
            String name,
            String mac,
            int mtu,
            String sandbox,
            @Nullable JsonNode pluginResult) {}

    /// @param interfaceIndex position in `interfaces`
    public record AttachedAddress(
            int interfaceIndex,
            PrefixedAddress address,
            @Nullable IpAddress gateway) {}
}
