package io.multinic.agent.cni;

import io.multinic.agent.attach.plan.IpamRoute;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The network configuration on stdin: what the controller generated, with what Multus and the runtime put into it.
///
/// Unknown keys are left alone. Known ones of the wrong type are refused, never ignored.
final class NetworkConfig {
    private final ObjectNode root;

    private NetworkConfig(ObjectNode root) {
        this.root = root;
    }

    /// @throws MultiNicException UNREADABLE_CONTENT if it is not a JSON object
    static NetworkConfig read(byte[] stdin, JsonMapper json) {
        if (stdin.length == 0) {
            throw unreadable("stdin is empty; it must be the network configuration");
        }
        try {
            if (json.readTree(stdin) instanceof ObjectNode object) {
                return new NetworkConfig(object);
            }
            throw unreadable("the network configuration on stdin is not a JSON object");
        } catch (JacksonException e) {
            throw unreadable("the network configuration on stdin is not JSON: " + e.getOriginalMessage());
        }
    }

    private static MultiNicException unreadable(String message) {
        return new MultiNicException(ErrorCode.UNREADABLE_CONTENT, message);
    }

    private static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK_CONFIG, message);
    }

    ObjectNode root() {
        return root;
    }

    /// Empty if it says none.
    String cniVersion() {
        return root.path("cniVersion").asString("");
    }

    /// Name of the MultiNicNetwork.
    String name() {
        String name = text("name");
        if (name.isBlank()) {
            throw invalid("the network configuration has no name");
        }
        return name;
    }

    ObjectNode plugin() {
        if (root.path("plugin") instanceof ObjectNode plugin) {
            return plugin;
        }
        throw invalid("network " + name() + ": plugin is missing; it must be an object with a type");
    }

    String pluginType() {
        String type = plugin().path("type").asString("");
        if (type.isBlank()) {
            throw invalid("network " + name() + ": plugin.type is missing, such as ipvlan or macvlan");
        }
        return type;
    }

    boolean multiNicIpam() {
        JsonNode value = root.path("multiNICIPAM");
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw invalid("network " + name() + ": multiNICIPAM is " + value + ", not true or false");
        }
        return value.booleanValue();
    }

    JsonNode ipam() {
        JsonNode ipam = root.path("ipam");
        if (!ipam.isObject()) {
            throw invalid("network " + name() + ": ipam is missing; it must be an object with a type");
        }
        return ipam;
    }

    String ipamType() {
        return ipam().path("type").asString("");
    }

    String vlanMode() {
        return ipam().path("vlanMode").asString("");
    }

    List<IpamRoute> routes() {
        return list(ipam().path("routes"), "ipam.routes", this::route);
    }

    private IpamRoute route(JsonNode route) {
        String gateway = route.path("gw").asString("");
        return new IpamRoute(
                Cidr.parseLenient(route.path("dst").asString("")), gateway.isEmpty() ? null : IpAddress.parse(gateway));
    }

    /// The network's own, else that of its plugin, else that of the configuration.
    JsonNode dns() {
        for (JsonNode dns : List.of(ipam().path("dns"), plugin().path("dns"), root.path("dns"))) {
            if (dns.isObject() && !dns.isEmpty()) {
                return dns;
            }
        }
        return root.objectNode();
    }

    List<Cidr> masterNets() {
        return list(root.path("masterNets"), "masterNets", net -> Cidr.parseLenient(net.stringValue()));
    }

    String strategy() {
        return root.path("attachPolicy").path("strategy").asString("");
    }

    /// The pod's `cni-args`, as Multus passes them on.
    private JsonNode podArgs() {
        JsonNode args = root.path("args").path("cni");
        if (!args.isMissingNode() && !args.isNull() && !args.isObject()) {
            throw invalid("network " + name() + ": cni-args is " + args + ", not an object");
        }
        return args;
    }

    /// 0 for all.
    int nics() {
        JsonNode nics = podArgs().path("nics");
        if (nics.isMissingNode() || nics.isNull()) {
            return 0;
        }
        if (!nics.isInt()) {
            throw invalid("network " + name() + ": cni-args nics is " + nics + ", not a whole number");
        }
        return nics.intValue();
    }

    List<String> masters() {
        return list(podArgs().path("masters"), "cni-args masters", JsonNode::stringValue);
    }

    /// Addresses that the pod asks for: as the runtime passes them (`ips` capability) or among the `cni-args`. A prefix
    /// length is dropped, the block has its own.
    List<IpAddress> wantedAddresses() {
        List<IpAddress> wanted = new ArrayList<>(addresses(root.path("runtimeConfig"), "runtimeConfig.ips"));
        wanted.addAll(addresses(podArgs(), "cni-args ips"));
        return wanted;
    }

    private List<IpAddress> addresses(JsonNode parent, String what) {
        return list(parent.path("ips"), what, ip -> address(ip.stringValue()));
    }

    static IpAddress address(String text) {
        int slash = text.indexOf('/');
        return IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    }

    private String text(String key) {
        JsonNode value = root.path(key);
        if (!value.isMissingNode() && !value.isString()) {
            throw invalid(key + " of the network configuration is " + value + ", not a string");
        }
        return value.asString("");
    }

    /// A list that may be missing; each fault of an element is told with the element.
    private <T> List<T> list(JsonNode list, String what, Function<JsonNode, T> element) {
        if (list.isMissingNode() || list.isNull()) {
            return List.of();
        }
        if (!list.isArray()) {
            throw invalid("network " + name() + ": " + what + " is " + list + ", not a list");
        }
        List<T> elements = new ArrayList<>();
        for (JsonNode node : list) {
            try {
                elements.add(element.apply(node));
            } catch (IllegalArgumentException | JacksonException e) {
                throw invalid("network " + name() + ": " + what + ": " + node + ": "
                        + (e instanceof IllegalArgumentException ? e.getMessage() : "wrong type"));
            }
        }
        return elements;
    }
}
