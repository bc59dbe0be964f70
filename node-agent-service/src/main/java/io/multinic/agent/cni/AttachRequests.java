package io.multinic.agent.cni;

import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachRequest.NicChoice;
import io.multinic.agent.attach.plan.AttachRequest.PluginSection;
import io.multinic.agent.attach.plan.AttachRequest.RuntimeValues;
import io.multinic.agent.attach.plan.DelegatedIpam;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Builds the request of an ADD from its environment and configuration.
final class AttachRequests {
    private static final String OUR_IPAM = "multi-nic-ipam";

    /// An IPAM type of the original, which no plugin implements.
    private static final String NOT_YET = "host-device-ipam";

    /// References to an IPAMClaim, under the names of the annotation and of Go.
    private static final List<String> CLAIMS = List.of("ipam-claim-reference", "ipamClaimReference");

    private static final JsonMapper SORTED =
            JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    private AttachRequests() {}

    /// @throws MultiNicException INVALID_NETWORK_CONFIG or INVALID_ENVIRONMENT naming the key and the value
    static AttachRequest of(CniEnvironment environment, NetworkConfig config) {
        return new AttachRequest(
                environment.key(),
                environment.netns(),
                environment.pod(),
                config.name(),
                new NicChoice(config.policy(), config.nics(), config.masters(), config.masterNets()),
                plugin(environment, config),
                addressSource(config),
                runtime(environment, config),
                config.routes(),
                config.replacesDefaultRoute(),
                config.dns(),
                fingerprint(environment, config));
    }

    static PluginSection plugin(CniEnvironment environment, NetworkConfig config) {
        return new PluginSection(
                config.pluginType(),
                config.plugin(),
                config.cniVersion(),
                config.vlanMode(),
                environment.path(),
                environment.rawArgs());
    }

    static AddressSource addressSource(NetworkConfig config) {
        String type = config.ipamType();
        if (type.equals(NOT_YET)) {
            throw invalid(config, "ipam type " + type + " is not supported yet; use " + OUR_IPAM);
        }
        if (config.multiNicIpam()) {
            if (!type.equals(OUR_IPAM)) {
                throw invalid(
                        config,
                        "multiNICIPAM is true, but ipam type is '" + type + "'; use " + OUR_IPAM
                                + ", or multiNICIPAM false for a single-NIC IPAM plugin");
            }
            return new AddressSource.Blocks();
        }
        if (type.equals(OUR_IPAM)) {
            throw invalid(config, "ipam type is " + OUR_IPAM + ", which needs multiNICIPAM true");
        }
        DelegatedIpam.parse(config.name(), config.ipam());
        return new AddressSource.Delegated(config.ipam());
    }

    private static MultiNicException invalid(NetworkConfig config, String reason) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK_CONFIG, "network " + config.name() + ": " + reason);
    }

    private static void requireNoClaim(NetworkConfig config, ObjectNode values, String what) {
        for (String key : CLAIMS) {
            if (values.hasNonNull(key)) {
                throw invalid(
                        config,
                        what + " " + key + " is " + values.path(key) + ", but IPAMClaims are not supported; request"
                                + " addresses by ips, or reserve them for the pod");
            }
        }
    }

    private static RuntimeValues runtime(CniEnvironment environment, NetworkConfig config) {
        requireNoClaim(config, config.podArgs(), "cni-args");
        requireNoClaim(config, config.runtimeConfig(), "runtimeConfig");
        return new RuntimeValues(
                config.requestedMac(environment.args()),
                config.requestedAddresses(environment.args()),
                config.runtimeConfig(),
                config.device(),
                config.podArgs());
    }

    /// Hash of the whole request, independent of the order of keys; without `prevResult`.
    private static String fingerprint(CniEnvironment environment, NetworkConfig config) {
        ObjectNode requested = config.root().deepCopy();
        requested.remove("prevResult");
        requested.put("IP", environment.args().getOrDefault("IP", ""));
        if (environment.args().containsKey("MAC")) { // records of earlier agents have no such key
            requested.put("MAC", environment.args().get("MAC"));
        }
        try {
            byte[] text = SORTED.writeValueAsString(requested).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
