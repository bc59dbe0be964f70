package io.multinic.controller.network;

import io.multinic.contract.crd.PluginSpec;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The `plugin` section of an attachment's configuration: the configuration of the CNI plugin that creates each
/// interface.
///
/// A MultiNicNetwork has a plugin's arguments as text; the plugin expects numbers and booleans where its own
/// configuration has them.
record PluginSection(String cniVersion, ObjectNode json, ObjectNode dns, ObjectNode capabilities) {
    private static final String DEFAULT_CNI_VERSION = "0.3.1";
    private static final Set<String> CNI_VERSIONS = Set.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

    /// The name of a file in the node's CNI directory, never a path.
    private static final Pattern PLUGIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private static final Set<String> NOT_ARGUMENTS =
            Set.of("cniVersion", "name", "type", "ipam", "dns", "capabilities", "prevResult", "runtimeConfig");
    private static final Set<String> NUMBERS = Set.of("mtu", "vlan", "vlanQoS", "bcqueuelen");
    private static final Set<String> BOOLEANS = Set.of(
            "ipMasq", "linkInContainer", "isGateway", "isDefaultGateway", "forceAddress", "hairpinMode", "promiscMode");

    /// They need objects of their operators, which this version does not create: pods would get no device.
    private static final Set<String> NOT_SUPPORTED_YET = Set.of("sriov", "mellanox");

    private static final int MAX_LINK_MTU = 65535;

    static PluginSection read(@Nullable PluginSpec plugin) {
        if (plugin == null || plugin.type() == null || plugin.type().isBlank()) {
            throw Refusal.of("spec.plugin.type", "is missing", "name the CNI plugin, such as ipvlan");
        }
        String type = plugin.type();
        if (NOT_SUPPORTED_YET.contains(type)) {
            throw Refusal.of(
                    "spec.plugin.type",
                    "is \"" + type + "\", which this version does not support yet",
                    "use ipvlan, macvlan, ptp or host-device");
        }
        if (!PLUGIN_NAME.matcher(type).matches()) {
            throw Refusal.of("spec.plugin.type", "is \"" + type + "\"", "name a CNI plugin, such as ipvlan");
        }
        String version = cniVersion(plugin.cniVersion());
        var json = JsonNodeFactory.instance.objectNode();
        json.put("cniVersion", version);
        json.put("type", type);
        new TreeMap<>(plugin.args()).forEach((key, value) -> putArgument(json, key, value));

        ObjectNode dns = dns(plugin.dns());
        ObjectNode capabilities = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(plugin.capabilities()).forEach(capabilities::put);
        if (!dns.isEmpty()) {
            json.set("dns", dns.deepCopy());
        }
        if (!capabilities.isEmpty()) {
            json.set("capabilities", capabilities.deepCopy());
        }
        return new PluginSection(version, json, dns, capabilities);
    }

    private static String cniVersion(@Nullable String version) {
        if (version == null || version.isBlank()) {
            return DEFAULT_CNI_VERSION;
        }
        if (!CNI_VERSIONS.contains(version)) {
            throw Refusal.of(
                    "spec.plugin.cniVersion", "is \"" + version + "\"", "use 0.3.0, 0.3.1, 0.4.0, 1.0.0 or 1.1.0");
        }
        return version;
    }

    private static void putArgument(ObjectNode json, String key, String value) {
        String field = "spec.plugin.args." + key;
        if (NOT_ARGUMENTS.contains(key)) {
            throw Refusal.of(field, "would overwrite a part of the configuration that is not an argument", "remove it");
        }
        if (NUMBERS.contains(key)) {
            json.put(key, number(field, value));
        } else if (BOOLEANS.contains(key)) {
            json.put(key, bool(field, value));
        } else {
            json.put(key, value);
        }
    }

    private static int number(String field, String value) {
        try {
            int number = Integer.parseInt(value.trim());
            if (number >= 0 && number <= MAX_LINK_MTU) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below, with the field's name
        }
        throw Refusal.of(field, "is \"" + value + "\"", "use a whole number from 0 to " + MAX_LINK_MTU);
    }

    private static boolean bool(String field, String value) {
        return switch (value.trim()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Refusal.of(field, "is \"" + value + "\"", "use \"true\" or \"false\"");
        };
    }

    private static ObjectNode dns(PluginSpec.@Nullable Dns dns) {
        var json = JsonNodeFactory.instance.objectNode();
        if (dns == null) {
            return json;
        }
        var lists = Map.of("nameservers", dns.nameservers(), "search", dns.search(), "options", dns.options());
        new TreeMap<>(lists).forEach((key, values) -> {
            if (!values.isEmpty()) {
                var array = json.putArray(key);
                values.forEach(array::add);
            }
        });
        if (dns.domain() != null && !dns.domain().isBlank()) {
            json.put("domain", dns.domain());
        }
        return json;
    }
}
