package io.multinic.controller.network;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.controller.network.NetworkAttachments.Networks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Validates a MultiNicNetwork's specification and maps it to a network definition and a CNI configuration.
///
/// All errors that are visible in the specification alone are reported here, so that they reach neither ipam-service
/// nor a pod.
public final class NetworkDefinitions {
    private static final String OUR_IPAM = "multi-nic-ipam";
    private static final String MULTI_CONFIG = "multi-config";
    private static final Set<String> ROUTED_MODES = Set.of("l3", "l3s");

    /// A veth to the host has no link to other hosts: without host routes it would reach nobody, whatever the mode
    /// says.
    private static final String ALWAYS_ROUTED_PLUGIN = "ptp";

    private NetworkDefinitions() {}

    public static NetworkReading from(String name, @Nullable MultiNicNetworkSpec spec) {
        try {
            return spec == null
                    ? new NetworkReading.Refused("spec is missing; see the sample networks")
                    : read(name, spec);
        } catch (MultiNicException e) {
            return new NetworkReading.Refused(e.getMessage());
        }
    }

    private static NetworkReading read(String name, MultiNicNetworkSpec spec) {
        if (spec.ipam() == null || spec.ipam().isBlank()) {
            throw Refusal.of("spec.ipam", "is missing", "write a JSON object such as {\"type\":\"multi-nic-ipam\"}");
        }
        IpamSection ipam = IpamSection.parse(spec.ipam());
        String type = ipam.type();
        checkIpamType(type, spec.multiNicIpam());
        var networks = new Networks(
                cidrs("spec.subnet", split(spec.subnet())),
                cidrs("spec.masterNets", spec.masterNets()),
                spec.multiNicIpam());
        PluginSection plugin = PluginSection.read(spec.plugin());
        ipam.checkPodSettings();
        String config = NetworkAttachments.config(name, networks, ipam, plugin, spec.attachPolicy());
        if (!spec.multiNicIpam()) {
            if (type.equals(MULTI_CONFIG)) {
                ipam.checkMultiConfig();
            }
            return new NetworkReading.Delegated(config);
        }
        boolean routed = ROUTED_MODES.contains(ipam.vlanMode())
                || ALWAYS_ROUTED_PLUGIN.equals(plugin.json().path("type").stringValue());
        var definition = new NetworkDefinition(
                name,
                networks.subnets(),
                networks.masterNets(),
                ipam.interfaceBlock(),
                ipam.hostBlock(),
                ipam.excludes(),
                routed);
        return new NetworkReading.Planned(definition, config);
    }

    private static void checkIpamType(String type, boolean multiNicIpam) {
        if (multiNicIpam && !type.equals(OUR_IPAM)) {
            throw Refusal.of(
                    "spec.ipam.type",
                    "is \"" + type + "\", but multiNICIPAM is true",
                    "use \"" + OUR_IPAM + "\", or multiNICIPAM: false for a single-NIC IPAM");
        }
        if (!multiNicIpam && type.equals(OUR_IPAM)) {
            throw Refusal.of(
                    "spec.multiNICIPAM",
                    "is false, but ipam.type is \"" + OUR_IPAM + "\", which would have no addresses to give",
                    "set it to true");
        }
    }

    private static List<String> split(@Nullable String subnet) {
        return subnet == null || subnet.isBlank()
                ? List.of()
                : Arrays.stream(subnet.split(",", -1)).map(String::trim).toList();
    }

    private static List<Cidr> cidrs(String field, List<String> texts) {
        var cidrs = new ArrayList<Cidr>();
        for (String text : texts) {
            try {
                cidrs.add(Cidr.parseLenient(text.trim()));
            } catch (IllegalArgumentException e) {
                throw Refusal.of(field, "is unusable: " + e.getMessage(), "write a CIDR such as 192.168.0.0/16");
            }
        }
        return cidrs;
    }
}
