package io.multinic.controller.network;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The JSON text of `spec.ipam`, read field by field so that an error names the field.
///
/// Fields that are not ours are kept as they are, because other IPAM plugins have their own.
final class IpamSection {
    private static final ObjectMapper JSON = JsonMapper.shared();
    private static final Set<String> VLAN_MODES = Set.of("", "l2", "l3", "l3s");
    private static final int WIDEST_BLOCK = 128;

    private final ObjectNode root;

    private IpamSection(ObjectNode root) {
        this.root = root;
    }

    static IpamSection parse(String text) {
        JsonNode node;
        try {
            node = JSON.readTree(text);
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw Refusal.of(
                    "spec.ipam",
                    "is not JSON: " + e.getOriginalMessage()
                            + (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"),
                    "write an object such as {\"type\":\"multi-nic-ipam\",\"hostBlock\":8,\"interfaceBlock\":2}");
        }
        if (!(node instanceof ObjectNode object)) {
            throw Refusal.of("spec.ipam", "is not a JSON object", "write {\"type\":\"multi-nic-ipam\",...}");
        }
        return new IpamSection(object);
    }

    /// The object as the user wrote it.
    ObjectNode json() {
        return root.deepCopy();
    }

    String type() {
        String type = text("type");
        if (type.isBlank()) {
            throw Refusal.of("spec.ipam.type", "is missing", "name the IPAM plugin, such as \"multi-nic-ipam\"");
        }
        return type;
    }

    int hostBlock() {
        return block("hostBlock");
    }

    int interfaceBlock() {
        return block("interfaceBlock");
    }

    String vlanMode() {
        String mode = text("vlanMode");
        if (!VLAN_MODES.contains(mode)) {
            throw Refusal.of("spec.ipam.vlanMode", "is \"" + mode + "\"", "use l2, l3 or l3s, or leave it out");
        }
        return mode;
    }

    List<Cidr> excludes() {
        return list("excludeCIDRs", "a list of CIDRs such as [\"192.168.0.0/28\"]", (field, item) -> cidr(field, item));
    }

    /// Validates routes and DNS settings. They are passed on to the pod unchanged.
    void checkPodSettings() {
        list("routes", "a list such as [{\"dst\":\"10.0.0.0/8\",\"gw\":\"192.168.0.1\"}]", IpamSection::route);
        JsonNode dns = root.path("dns");
        if (!absent(dns) && !dns.isObject()) {
            throw Refusal.of("spec.ipam.dns", "is " + dns, "use an object such as {\"nameservers\":[\"10.0.0.2\"]}");
        }
    }

    /// Validates the fields of `multi-config`, which gives each master the configuration of another IPAM plugin.
    void checkMultiConfig() {
        if (text("ipam_type").isBlank()) {
            throw Refusal.of("spec.ipam.ipam_type", "is missing", "name the IPAM plugin that each master uses");
        }
        JsonNode args = root.path("args");
        if (!args.isObject()) {
            throw Refusal.of("spec.ipam.args", "is " + shown(args), "use an object {\"<master>\": {...}}");
        }
        args.properties().forEach(master -> {
            if (!master.getValue().isObject()) {
                throw Refusal.of(
                        "spec.ipam.args." + master.getKey(), "is " + master.getValue(), "use an object of settings");
            }
        });
    }

    private String text(String field) {
        JsonNode node = root.path(field);
        if (absent(node)) {
            return "";
        }
        if (!node.isString()) {
            throw Refusal.of("spec.ipam." + field, "is " + node, "use a text");
        }
        return node.stringValue();
    }

    private int block(String field) {
        JsonNode node = root.path(field);
        if (absent(node)) {
            return 0;
        }
        if (!node.isIntegralNumber()
                || !node.canConvertToInt()
                || node.intValue() < 0
                || node.intValue() > WIDEST_BLOCK) {
            throw Refusal.of(
                    "spec.ipam." + field, "is " + node, "use a whole number of bits from 0 to " + WIDEST_BLOCK);
        }
        return node.intValue();
    }

    private <T> List<T> list(String field, String remedy, ItemReader<T> reader) {
        JsonNode node = root.path(field);
        if (absent(node)) {
            return List.of();
        }
        if (!node.isArray()) {
            throw Refusal.of("spec.ipam." + field, "is " + node, "use " + remedy);
        }
        var items = new ArrayList<T>();
        for (int i = 0; i < node.size(); i++) {
            items.add(reader.read("spec.ipam." + field + "[" + i + "]", node.get(i)));
        }
        return items;
    }

    private static String route(String field, JsonNode route) {
        cidr(field + ".dst", route.path("dst"));
        JsonNode gateway = route.path("gw");
        if (!absent(gateway)) {
            parsed(field + ".gw", gateway, "an address such as 192.168.0.1", IpAddress::parse);
        }
        return field;
    }

    private static Cidr cidr(String field, JsonNode node) {
        return parsed(field, node, "a CIDR such as 192.168.0.0/28", Cidr::parseLenient);
    }

    private static <T> T parsed(String field, JsonNode node, String remedy, Function<String, T> parser) {
        if (!node.isString()) {
            throw Refusal.of(field, "is " + shown(node), "use " + remedy);
        }
        try {
            return parser.apply(node.stringValue().trim());
        } catch (IllegalArgumentException e) {
            throw Refusal.of(field, "is unusable: " + e.getMessage(), "use " + remedy);
        }
    }

    private static boolean absent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static String shown(JsonNode node) {
        return absent(node) ? "missing" : node.toString();
    }

    private interface ItemReader<T> {
        T read(String field, JsonNode item);
    }
}
