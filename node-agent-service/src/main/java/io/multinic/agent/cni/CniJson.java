package io.multinic.agent.cni;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedAddress;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.IpamRoute;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes results, errors and versions in the JSON of the CNI specification; pure.
final class CniJson {
    private final JsonMapper json;

    CniJson(JsonMapper json) {
        this.json = json;
    }

    /// A result in the format of `cniVersion`: up to 0.4.0 an address has a `version`, from 1.1.0 on an interface
    /// has an `mtu`.
    String result(String cniVersion, AttachmentResult result) {
        ObjectNode root = json.createObjectNode().put("cniVersion", cniVersion);
        var interfaces = root.putArray("interfaces");
        for (AttachedInterface attached : result.interfaces()) {
            var node = interfaces.addObject().put("name", attached.name());
            if (!attached.mac().isEmpty()) {
                node.put("mac", attached.mac());
            }
            if (attached.mtu() > 0 && CniVersions.atLeast(cniVersion, "1.1.0")) {
                node.put("mtu", attached.mtu());
            }
            if (!attached.sandbox().isEmpty()) {
                node.put("sandbox", attached.sandbox());
            }
        }
        var ips = root.putArray("ips");
        for (AttachedAddress attached : result.addresses()) {
            var node = ips.addObject();
            if (!CniVersions.atLeast(cniVersion, "1.0.0")) {
                node.put("version", attached.address().address().family() == IpFamily.IPV4 ? "4" : "6");
            }
            node.put("interface", attached.interfaceIndex());
            node.put("address", attached.address().toString());
            IpAddress gateway = attached.gateway();
            if (gateway != null) {
                node.put("gateway", gateway.toString());
            }
        }
        if (!result.routes().isEmpty()) {
            var routes = root.putArray("routes");
            for (IpamRoute route : result.routes()) {
                var node = routes.addObject().put("dst", route.dst().toString());
                IpAddress gateway = route.gw();
                if (gateway != null) {
                    node.put("gw", gateway.toString());
                }
            }
        }
        root.set("dns", result.dns());
        return json.writeValueAsString(root);
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
