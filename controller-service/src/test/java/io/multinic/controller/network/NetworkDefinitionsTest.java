package io.multinic.controller.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.AttachmentPolicy;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.crd.PluginSpec;
import io.multinic.contract.wire.NetworkDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NetworkDefinitionsTest {
    private static final String L3_IPAM =
            "{\"type\":\"multi-nic-ipam\",\"hostBlock\":8,\"interfaceBlock\":2,\"vlanMode\":\"l3\"}";
    private static final List<String> TWO_NETS = List.of("10.0.1.0/24", "10.0.2.0/24");

    @Test
    void commonL3SampleIsPlannedLikeInTheOriginal() {
        var reading = planned(sample().build());
        assertThat(reading.definition())
                .isEqualTo(new NetworkDefinition(
                        "multinic-ipvlanl3",
                        List.of(Cidr.parse("192.168.0.0/16")),
                        List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24")),
                        2,
                        8,
                        List.of(),
                        true));
    }

    @Test
    void commonL3SampleGetsTheGoldenConfiguration() {
        assertThat(json(planned(sample().build()).config())).isEqualTo(json("""
                {"cniVersion":"0.3.0","name":"multinic-ipvlanl3","type":"multi-nic",
                 "ipam":{"hostBlock":8,"interfaceBlock":2,"type":"multi-nic-ipam","vlanMode":"l3"},"dns":{},
                 "plugin":{"cniVersion":"0.3.0","mode":"l3","type":"ipvlan"},"subnet":"192.168.0.0/16",
                 "masterNets":["10.0.1.0/24","10.0.2.0/24"],"multiNICIPAM":true,"daemonIP":"","daemonPort":11000}"""));
    }

    @Test
    void policyIsWrittenOnlyIfItIsSet() {
        var none = new AttachmentPolicy(AttachmentPolicy.Strategy.NONE, "");
        assertThat(json(planned(sample().policy(none).build()).config()).has("attachPolicy"))
                .isFalse();
        var costOpt = new AttachmentPolicy(AttachmentPolicy.Strategy.COST_OPT, "10Gbps");
        assertThat(json(planned(sample().policy(costOpt).build()).config()).path("attachPolicy"))
                .isEqualTo(json("{\"strategy\":\"costOpt\",\"target\":\"10Gbps\"}"));
        var partial = new AttachmentPolicy(AttachmentPolicy.Strategy.NONE, null, true);
        assertThat(json(planned(sample().policy(partial).build()).config()).path("attachPolicy"))
                .isEqualTo(json("{\"allowPartial\":true}"));
    }

    @Test
    void argumentsHaveTheTypesThatThePluginExpects() {
        var plugin = plugin("macvlan", Map.of("mode", "bridge", "mtu", "9000", "linkInContainer", "false"));
        assertThat(json(planned(sample().plugin(plugin).build()).config()).path("plugin"))
                .isEqualTo(
                        json(
                                "{\"cniVersion\":\"0.3.0\",\"type\":\"macvlan\",\"mode\":\"bridge\",\"mtu\":9000,\"linkInContainer\":false}"));
    }

    @Test
    void capabilitiesAndDnsAreInBothTheConfigurationAndThePluginSection() {
        var dns = new PluginSpec.Dns(List.of("10.0.0.2"), "gpu.local", List.of("a"), List.of());
        var plugin = new PluginSpec("1.0.0", "host-device", Map.of("deviceID", true), dns, Map.of());
        var config = json(planned(sample().plugin(plugin).build()).config());
        for (JsonNode section : List.of(config, config.path("plugin"))) {
            assertThat(section.path("capabilities")).isEqualTo(json("{\"deviceID\":true}"));
            assertThat(section.path("dns"))
                    .isEqualTo(json("{\"nameservers\":[\"10.0.0.2\"],\"search\":[\"a\"],\"domain\":\"gpu.local\"}"));
        }
    }

    @Test
    void hostBitsOfSubnetsAndNetsAreDropped() {
        var reading = planned(sample().subnet("192.168.3.4/16")
                .masterNets(List.of("10.0.1.7/24"))
                .build());
        assertThat(reading.definition().subnets()).containsExactly(Cidr.parse("192.168.0.0/16"));
        assertThat(reading.definition().masterNets()).containsExactly(Cidr.parse("10.0.1.0/24"));
        assertThat(json(reading.config()).path("masterNets")).isEqualTo(json("[\"10.0.1.0/24\"]"));
    }

    @Test
    void subnetsOfBothFamiliesMakeOneNetwork() {
        var reading = planned(sample().subnet("192.168.0.0/16, fd00:1::/64").build());
        assertThat(reading.definition().subnets())
                .containsExactly(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd00:1::/64"));
    }

    @Test
    void emptySubnetDividesTheHostsOwnNetworks() {
        var reading = planned(sample().subnet("").masterNets(List.of()).build());
        assertThat(reading.definition().subnets()).isEmpty();
        assertThat(reading.definition().dividesNicNetworks()).isTrue();
        assertThat(reading.definition().hostBlock()).isEqualTo(8);
        assertThat(reading.definition().hostRoutes()).isTrue();
        assertThat(json(reading.config()).path("subnet")).isEqualTo(json("\"\""));
        assertThat(json(reading.config()).path("masterNets")).isEqualTo(json("[]"));
    }

    @Test
    void absentBlocksAreZeroBits() {
        var reading = planned(sample().ipam("{\"type\":\"multi-nic-ipam\"}")
                .masterNets(List.of("10.0.1.0/24"))
                .build());
        assertThat(reading.definition().interfaceBlock()).isZero();
        assertThat(reading.definition().hostBlock()).isZero();
    }

    record RouteCase(String vlanMode, String plugin, boolean hostRoutes) {}

    static List<RouteCase> routeCases() {
        return List.of(
                new RouteCase("", "ipvlan", false),
                new RouteCase("l2", "macvlan", false),
                new RouteCase("l3", "ipvlan", true),
                new RouteCase("l3s", "ipvlan", true),
                new RouteCase("", "ptp", true),
                new RouteCase("l2", "ptp", true));
    }

    @ParameterizedTest
    @MethodSource("routeCases")
    void hostRoutesFollowTheModeAndAlwaysServePtp(RouteCase c) {
        var spec = sample().ipam(L3_IPAM.replace("\"l3\"", "\"" + c.vlanMode() + "\""))
                .plugin(plugin(c.plugin(), Map.of()))
                .build();
        assertThat(planned(spec).definition().hostRoutes()).isEqualTo(c.hostRoutes());
    }

    @Test
    void singleNicIpamIsDelegatedWithItsConfigurationUnchanged() {
        String ipam = "{\"type\":\"whereabouts\",\"range\":\"192.168.0.0/18\",\"hostBlock\":\"not ours\"}";
        var reading = NetworkDefinitions.from(
                "net", sample().ipam(ipam).multiNicIpam(false).build());
        assertThat(reading).isInstanceOf(NetworkReading.Delegated.class);
        var config = json(((NetworkReading.Delegated) reading).config());
        assertThat(config.path("ipam")).isEqualTo(json(ipam));
        assertThat(config.path("multiNICIPAM").booleanValue()).isFalse();
    }

    record BadInput(String name, Spec spec, List<String> reasons) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static BadInput bad(String name, Spec spec, String... reasons) {
        return new BadInput(name, spec, List.of(reasons));
    }

    static List<BadInput> badInputs() {
        return List.of(
                bad(
                        "blocks do not fit",
                        sample().ipam("{\"type\":\"multi-nic-ipam\",\"hostBlock\":12,\"interfaceBlock\":6}"),
                        "192.168.0.0/16",
                        "interfaceBlock 6",
                        "hostBlock 12",
                        "needs 34 bits",
                        "smaller blocks"),
                bad(
                        "subnet without length",
                        sample().subnet("192.168.0.0"),
                        "spec.subnet",
                        "'192.168.0.0'",
                        "write a CIDR"),
                bad("subnet is no address", sample().subnet("300.1.0.0/16"), "spec.subnet", "300.1.0.0"),
                bad("subnet too long", sample().subnet("192.168.0.0/33"), "spec.subnet", "33"),
                bad("empty part of subnet", sample().subnet("192.168.0.0/16,"), "spec.subnet", "''"),
                bad(
                        "two subnets of one family",
                        sample().subnet("192.168.0.0/16,172.16.0.0/16"),
                        "more than one IPV4 subnet"),
                bad(
                        "too many masterNets",
                        sample().masterNets(List.of(
                                "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24")),
                        "5 masterNets",
                        "room for 4",
                        "larger interfaceBlock or fewer masterNets"),
                bad(
                        "masterNet twice, written differently",
                        sample().masterNets(List.of("10.0.1.0/24", "10.0.1.9/24")),
                        "10.0.1.0/24 twice"),
                bad("unreadable masterNet", sample().masterNets(List.of("eth1")), "spec.masterNets", "'eth1'"),
                bad("ipam missing", sample().ipam(""), "spec.ipam is missing"),
                bad("ipam not JSON", sample().ipam("{\"type\":"), "spec.ipam is not JSON", "line 1"),
                bad("text after the JSON", sample().ipam(L3_IPAM + "}"), "spec.ipam is not JSON"),
                bad("ipam a list", sample().ipam("[]"), "spec.ipam is not a JSON object"),
                bad("type missing", sample().ipam("{}"), "spec.ipam.type is missing"),
                bad("type a number", sample().ipam("{\"type\":1}"), "spec.ipam.type is 1; use a text"),
                bad("block as text", sample().ipam(L3_IPAM.replace("8", "\"8\"")), "spec.ipam.hostBlock is \"8\""),
                bad("negative block", sample().ipam(L3_IPAM.replace("8", "-8")), "spec.ipam.hostBlock is -8"),
                bad(
                        "negative block in host-subnet mode",
                        sample().subnet("").ipam(L3_IPAM.replace(":2", ":-2")),
                        "spec.ipam.interfaceBlock is -2"),
                bad(
                        "masterNet too small to divide in host-subnet mode",
                        sample().subnet("").masterNets(List.of("10.0.1.0/28")),
                        "10.0.1.0/28 divided by hostBlock 8 needs 36 bits",
                        "smaller hostBlock"),
                bad(
                        "overlapping masterNets in host-subnet mode",
                        sample().subnet("").masterNets(List.of("10.0.0.0/16", "10.0.1.0/24")),
                        "10.0.0.0/16 and 10.0.1.0/24 overlap"),
                bad("fractional block", sample().ipam(L3_IPAM.replace("8", "7.5")), "spec.ipam.hostBlock is 7.5"),
                bad(
                        "block beyond any integer",
                        sample().ipam(L3_IPAM.replace("8", "99999999999")),
                        "spec.ipam.hostBlock is 99999999999"),
                bad("unknown vlanMode", sample().ipam(L3_IPAM.replace("l3", "l4")), "vlanMode is \"l4\"", "l3s"),
                bad(
                        "excludes not a list",
                        sample().ipam(with("\"excludeCIDRs\":\"192.168.0.0/28\"")),
                        "spec.ipam.excludeCIDRs is \"192.168.0.0/28\"",
                        "use a list"),
                bad(
                        "unreadable exclude",
                        sample().ipam(with("\"excludeCIDRs\":[\"192.168.0.0/28\",\"x\"]")),
                        "spec.ipam.excludeCIDRs[1]",
                        "'x'"),
                bad(
                        "route without dst",
                        sample().ipam(with("\"routes\":[{\"gw\":\"10.0.0.1\"}]")),
                        "spec.ipam.routes[0].dst is missing"),
                bad(
                        "unreadable gateway",
                        sample().ipam(with("\"routes\":[{\"dst\":\"10.0.0.0/8\",\"gw\":\"no\"}]")),
                        "spec.ipam.routes[0].gw"),
                bad("dns a text", sample().ipam(with("\"dns\":\"x\"")), "spec.ipam.dns is \"x\""),
                bad(
                        "other IPAM with multiNICIPAM",
                        sample().ipam("{\"type\":\"whereabouts\"}"),
                        "\"whereabouts\"",
                        "multiNICIPAM: false"),
                bad(
                        "our IPAM without multiNICIPAM",
                        sample().multiNicIpam(false),
                        "spec.multiNICIPAM is false",
                        "set it to true"),
                bad(
                        "multi-config without args",
                        sample().multiNicIpam(false).ipam("{\"type\":\"multi-config\",\"ipam_type\":\"static\"}"),
                        "spec.ipam.args is missing"),
                bad("no plugin", sample().plugin(plugin("", Map.of())), "spec.plugin.type is missing"),
                bad("plugin a path", sample().plugin(plugin("../../bin/sh", Map.of())), "spec.plugin.type is \"../"),
                bad("plugin not supported yet", sample().plugin(plugin("sriov", Map.of())), "does not support yet"),
                bad("mtu a word", sample().plugin(plugin("ipvlan", Map.of("mtu", "big"))), "args.mtu is \"big\""),
                bad(
                        "flag a word",
                        sample().plugin(plugin("ptp", Map.of("ipMasq", "perhaps"))),
                        "args.ipMasq is \"perhaps\""),
                bad(
                        "argument that overwrites",
                        sample().plugin(plugin("ipvlan", Map.of("ipam", "x"))),
                        "args.ipam would overwrite"),
                bad(
                        "unknown CNI version",
                        sample().plugin(new PluginSpec("9.9", "ipvlan", Map.of(), null, Map.of())),
                        "cniVersion is \"9.9\""));
    }

    @ParameterizedTest
    @MethodSource("badInputs")
    void badInputIsRefusedWithFieldValueAndRemedy(BadInput bad) {
        var reading = NetworkDefinitions.from("net", bad.spec().build());
        assertThat(reading).isInstanceOf(NetworkReading.Refused.class);
        assertThat(((NetworkReading.Refused) reading).reason()).contains(bad.reasons());
    }

    @Test
    void missingSpecIsRefused() {
        assertThat(NetworkDefinitions.from("net", null)).isInstanceOf(NetworkReading.Refused.class);
    }

    private static NetworkReading.Planned planned(MultiNicNetworkSpec spec) {
        var reading = NetworkDefinitions.from("multinic-ipvlanl3", spec);
        assertThat(reading).isInstanceOf(NetworkReading.Planned.class);
        return (NetworkReading.Planned) reading;
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static String with(String field) {
        return L3_IPAM.replace("}", "," + field + "}");
    }

    private static PluginSpec plugin(String type, Map<String, String> args) {
        return new PluginSpec("0.3.0", type, Map.of(), null, args);
    }

    private static Spec sample() {
        return new Spec(
                "192.168.0.0/16",
                TWO_NETS,
                L3_IPAM,
                true,
                plugin("ipvlan", Map.of("mode", "l3")),
                new AttachmentPolicy(null, null));
    }

    /// Builder of specifications that differ from the sample in the fields of one test.
    record Spec(
            String subnet,
            List<String> masterNets,
            String ipam,
            boolean multiNicIpam,
            PluginSpec plugin,
            AttachmentPolicy policy) {
        Spec subnet(String other) {
            return new Spec(other, masterNets, ipam, multiNicIpam, plugin, policy);
        }

        Spec masterNets(List<String> other) {
            return new Spec(subnet, other, ipam, multiNicIpam, plugin, policy);
        }

        Spec ipam(String other) {
            return new Spec(subnet, masterNets, other, multiNicIpam, plugin, policy);
        }

        Spec multiNicIpam(boolean other) {
            return new Spec(subnet, masterNets, ipam, other, plugin, policy);
        }

        Spec plugin(PluginSpec other) {
            return new Spec(subnet, masterNets, ipam, multiNicIpam, other, policy);
        }

        Spec policy(AttachmentPolicy other) {
            return new Spec(subnet, masterNets, ipam, multiNicIpam, plugin, other);
        }

        MultiNicNetworkSpec build() {
            return new MultiNicNetworkSpec(subnet, masterNets, ipam, multiNicIpam, plugin, policy, List.of());
        }
    }
}
