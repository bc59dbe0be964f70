package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.driver.InterfaceDriver.Attached;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedAddress;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Merges the results of one plugin's executions, one for each interface of the pod, and loses nothing of them: links
/// on
/// the host, gateways, routes and DNS settings included; pure.
final class PluginResults {
    private final List<JsonNode> results;

    PluginResults(List<JsonNode> results) {
        this.results = List.copyOf(results);
    }

    /// @param attached the pod's interfaces, one for each result
    /// @param ownAddresses the addresses that the plugin was given; null for those that it reports
    Attached attached(List<AttachedInterface> attached, @Nullable List<AttachedAddress> ownAddresses) {
        return new Attached(attached, ownAddresses == null ? addresses() : ownAddresses, hostEnds(), routes(), dns());
    }

    private List<AttachedAddress> addresses() {
        List<AttachedAddress> addresses = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            for (JsonNode ip : results.get(i).path("ips")) {
                addresses.add(address(i, ip));
            }
        }
        return addresses;
    }

    private static AttachedAddress address(int podInterface, JsonNode ip) {
        try {
            String gateway = ip.path("gateway").asString("");
            return new AttachedAddress(
                    podInterface,
                    PrefixedAddress.parse(ip.path("address").asString("")),
                    gateway.isEmpty() ? null : IpAddress.parse(gateway));
        } catch (IllegalArgumentException e) {
            throw new MultiNicException(
                    ErrorCode.PLUGIN_FAILED, "the plugin's result has an unusable address " + ip, e);
        }
    }

    /// Links outside the pod, such as a bridge; several results may name the same one.
    private List<AttachedInterface> hostEnds() {
        Map<String, AttachedInterface> links = new LinkedHashMap<>();
        for (JsonNode result : results) {
            for (JsonNode link : result.path("interfaces")) {
                String name = link.path("name").asString("");
                if (link.path("sandbox").asString("").isEmpty() && !name.isEmpty()) {
                    links.putIfAbsent(
                            name,
                            new AttachedInterface(
                                    name,
                                    link.path("mac").asString(""),
                                    link.path("mtu").asInt(0),
                                    "",
                                    null));
                }
            }
        }
        return List.copyOf(links.values());
    }

    private List<JsonNode> routes() {
        return results.stream()
                .flatMap(result -> result.path("routes").valueStream())
                .distinct()
                .toList();
    }

    private JsonNode dns() {
        return results.stream()
                .map(result -> result.path("dns"))
                .filter(dns -> dns.isObject() && !dns.isEmpty())
                .findFirst()
                .orElse(MissingNode.getInstance());
    }
}
