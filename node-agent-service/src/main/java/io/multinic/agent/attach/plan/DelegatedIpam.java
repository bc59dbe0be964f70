package io.multinic.agent.attach.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `ipam` sections of executed plugins with an IPAM of their own: the network's section for every NIC, or with type
/// `multi-config` a section for each master; pure.
///
/// `multi-config` has `ipam_type`, the plugin of all masters, `args` with the settings of each master, and `routes`. A
/// route goes into the section of the master that its gateway belongs to, one without gateway into the first section.
public final class DelegatedIpam {
    private static final String MULTI_CONFIG = "multi-config";

    private final String network;
    private final JsonNode section;
    private final Map<String, ObjectNode> ofMasters = new LinkedHashMap<>();

    private DelegatedIpam(String network, JsonNode section) {
        this.network = network;
        this.section = section;
        if (section.path("type").asString("").equals(MULTI_CONFIG)) {
            parseMasters();
            section.path("routes").forEach(this::addRoute);
        }
    }

    /// @throws MultiNicException INVALID_NETWORK_CONFIG naming the field of a wrong `multi-config`
    public static DelegatedIpam parse(String network, JsonNode section) {
        return new DelegatedIpam(network, section);
    }

    private void parseMasters() {
        String type = section.path("ipam_type").asString("");
        if (type.isEmpty() || type.equals(MULTI_CONFIG)) {
            throw invalid("ipam.ipam_type is '" + type + "'; name the IPAM plugin that each master uses");
        }
        if (!(section.path("args") instanceof ObjectNode args) || args.isEmpty()) {
            throw invalid("ipam.args is " + section.path("args") + "; use an object {\"<master>\": {...}}");
        }
        args.properties().forEach(master -> {
            if (!(master.getValue() instanceof ObjectNode settings)) {
                throw invalid("ipam.args." + master.getKey() + " is " + master.getValue() + "; use an object");
            }
            ofMasters.put(master.getKey(), settings.deepCopy().put("type", type));
        });
    }

    private void addRoute(JsonNode route) {
        String gateway = route.path("gw").asString("");
        ofMasters.values().stream()
                .filter(settings -> gateway.isEmpty() || contains(settings, gateway))
                .findFirst()
                .orElseThrow(() -> invalid("ipam.routes: gateway " + gateway + " of "
                        + route.path("dst").asString("") + " is in no network of ipam.args"))
                .withArray("routes")
                .add(route.deepCopy());
    }

    /// True if a text anywhere in the settings is a network with the address: each plugin has other names for it.
    private static boolean contains(JsonNode settings, String gateway) {
        if (settings.isContainer()) {
            for (JsonNode value : settings) {
                if (contains(value, gateway)) {
                    return true;
                }
            }
            return false;
        }
        try {
            return settings.asString("").contains("/")
                    && Cidr.parseLenient(settings.asString()).contains(IpAddress.parse(gateway));
        } catch (IllegalArgumentException e) {
            return false; // another text
        }
    }

    /// True if the NIC has a section.
    boolean configures(String nic) {
        return ofMasters.isEmpty() || ofMasters.containsKey(nic);
    }

    /// @throws MultiNicException INVALID_NETWORK_CONFIG if the NIC has no section
    public JsonNode of(String nic) {
        if (!configures(nic)) {
            throw invalid("ipam.args has no settings for " + nic + ", only for " + ofMasters.keySet());
        }
        return ofMasters.isEmpty() ? section : Objects.requireNonNull(ofMasters.get(nic));
    }

    /// All sections, for calls that concern the network and no NIC.
    public List<JsonNode> all() {
        return ofMasters.isEmpty() ? List.of(section) : List.copyOf(ofMasters.values());
    }

    private MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK_CONFIG, "network " + network + ": " + message);
    }
}
