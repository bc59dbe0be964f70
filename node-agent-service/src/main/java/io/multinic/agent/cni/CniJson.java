package io.multinic.agent.cni;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedAddress;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes results, errors and versions in the JSON of the CNI specification; pure.
final class CniJson {
    /// Keys of a route before CNI 1.1.0.
    private static final Set<String> ROUTE_KEYS = Set.of("dst", "gw");

    private static final List<String> INTERFACE_KEYS_OF_PLUGINS = List.of("socketPath", "pciID");

    private final JsonMapper json;

    CniJson(JsonMapper json) {
        this.json = json;
    }

    /// A result in the format of `cniVersion`: up to 0.4.0 an address has a `version`, from 1.1.0 on an interface
    /// has an `mtu` and what its plugin says of it, and a route has more than a destination and a gateway.
    ///
    /// @param previous result of the plugins before this one in a list of plugins, to be included; null if none
    String result(String cniVersion, @Nullable ObjectNode previous, AttachmentResult result) {
        ObjectNode root = json.createObjectNode().put("cniVersion", cniVersion);
        var interfaces = root.putArray("interfaces");
        var ips = root.putArray("ips");
        var routes = json.createArrayNode();
        if (previous != null) {
            previous.path("interfaces").forEach(interfaces::add);
            previous.path("ips").forEach(ips::add);
            previous.path("routes").forEach(routes::add);
        }
        int before = interfaces.size();
        result.interfaces().forEach(attached -> interfaces.add(attachedInterface(cniVersion, attached)));
        result.addresses().forEach(attached -> ips.add(address(cniVersion, before, attached)));
        result.routes().forEach(route -> routes.add(route(cniVersion, route)));
        if (!routes.isEmpty()) {
            root.set("routes", routes);
        }
        root.set("dns", dns(previous, result));
        return json.writeValueAsString(root);
    }

    private static JsonNode dns(@Nullable ObjectNode previous, AttachmentResult result) {
        if (previous != null && result.dns().isEmpty() && previous.path("dns").isObject()) {
            return previous.path("dns");
        }
        return result.dns();
    }

    private ObjectNode attachedInterface(String cniVersion, AttachedInterface attached) {
        var node = json.createObjectNode().put("name", attached.name());
        if (!attached.mac().isEmpty()) {
            node.put("mac", attached.mac());
        }
        if (CniVersions.atLeast(cniVersion, "1.1.0")) {
            if (attached.mtu() > 0) {
                node.put("mtu", attached.mtu());
            }
            copyPluginKeys(attached, node);
        }
        if (!attached.sandbox().isEmpty()) {
            node.put("sandbox", attached.sandbox());
        }
        return node;
    }

    private static void copyPluginKeys(AttachedInterface attached, ObjectNode node) {
        JsonNode result = attached.pluginResult();
        if (result == null) {
            return;
        }
        for (JsonNode link : result.path("interfaces")) {
            if (link.path("name").asString("").equals(attached.name())) {
                INTERFACE_KEYS_OF_PLUGINS.stream().filter(link::has).forEach(key -> node.set(key, link.path(key)));
            }
        }
    }

    private ObjectNode address(String cniVersion, int before, AttachedAddress attached) {
        var node = json.createObjectNode();
        if (!CniVersions.atLeast(cniVersion, "1.0.0")) {
            node.put("version", attached.address().address().family() == IpFamily.IPV4 ? "4" : "6");
        }
        node.put("interface", before + attached.interfaceIndex());
        node.put("address", attached.address().toString());
        IpAddress gateway = attached.gateway();
        if (gateway != null) {
            node.put("gateway", gateway.toString());
        }
        return node;
    }

    private ObjectNode route(String cniVersion, JsonNode route) {
        var node = json.createObjectNode();
        route.properties().stream()
                .filter(entry -> !entry.getValue().isNull())
                .filter(entry -> ROUTE_KEYS.contains(entry.getKey()) || CniVersions.atLeast(cniVersion, "1.1.0"))
                .forEach(entry -> node.set(entry.getKey(), entry.getValue()));
        return node;
    }

    String error(String cniVersion, int code, String message, String details) {
        return json.writeValueAsString(json.createObjectNode()
                .put("cniVersion", CniVersions.SUPPORTED.contains(cniVersion) ? cniVersion : CniVersions.NEWEST)
                .put("code", code)
                .put("msg", message)
                .put("details", details));
    }

    String versions() {
        var root = json.createObjectNode().put("cniVersion", CniVersions.NEWEST);
        var supported = root.putArray("supportedVersions");
        CniVersions.SUPPORTED.forEach(supported::add);
        return json.writeValueAsString(root);
    }
}
