package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.IpamRoute;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.select.SelectionPolicy;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class NetworkConfigTest {
    /// The configuration of the compatibility contract.
    private static final String GENERATED = """
        {"cniVersion":"0.3.0","name":"multinic-ipvlanl3","type":"multi-nic","ipam":{"hostBlock":8,\
        "interfaceBlock":2,"type":"multi-nic-ipam","vlanMode":"l3"},"dns":{},"plugin":{"cniVersion":"0.3.0",\
        "mode":"l3","type":"ipvlan"},"subnet":"192.168.0.0/16","masterNets":["10.0.1.0/24","10.0.2.0/24"],\
        "multiNICIPAM":true,"daemonIP":"","daemonPort":11000}\
        """;

    private final Map<String, String> headers = new HashMap<>(Map.of(
            "Cni-Command", "ADD",
            "Cni-Containerid", "c1",
            "Cni-Netns", "/run/netns/x",
            "Cni-Ifname", "net1",
            "Cni-Path", "/opt/cni/bin"));

    private static NetworkConfig read(String text) {
        return NetworkConfig.read(text.getBytes(StandardCharsets.UTF_8), CniCall.JSON);
    }

    private AttachRequest request(Consumer<ObjectNode> change) {
        ObjectNode config = (ObjectNode) CniCall.JSON.readTree(GENERATED);
        change.accept(config);
        return AttachRequests.of(
                CniEnvironment.read(headers::get),
                NetworkConfig.read(CniCall.JSON.writeValueAsBytes(config), CniCall.JSON));
    }

    @Test
    void defaultRouteOfTheNetworkReplacesThePodsOnlyOnRequest() {
        Consumer<ObjectNode> network = config -> config.withObject("/ipam")
                .putArray("routes")
                .addObject()
                .put("dst", "0.0.0.0/0")
                .put("gw", "192.168.0.1");
        assertThat(request(network).replacesDefaultRoute()).isFalse();
        assertThat(request(network.andThen(config -> config.withObject("/ipam").put("defaultRoute", true)))
                        .replacesDefaultRoute())
                .isTrue();
        var requested = request(network.andThen(config -> config.withObject("/args/cni")
                .putArray("default-route")
                .add("192.168.0.9")
                .add("fd00::9")));
        assertThat(requested.replacesDefaultRoute()).isTrue();
        assertThat(requested.routes())
                .containsExactly(
                        new IpamRoute(Cidr.parse("0.0.0.0/0"), IpAddress.parse("192.168.0.9")),
                        new IpamRoute(Cidr.parse("::/0"), IpAddress.parse("fd00::9")));
    }

    @Test
    void invalidDefaultRouteNamesItsPlace() {
        assertInvalid(config -> config.withObject("/ipam").put("defaultRoute", "yes"), "ipam.defaultRoute", "yes");
        assertInvalid(
                config ->
                        config.withObject("/args/cni").putArray("default-route").add("here"),
                "cni-args default-route",
                "here");
        assertInvalid(
                config -> config.withObject("/args/cni").put("default-route", "10.0.0.1"), "cni-args default-route");
    }

    private void assertInvalid(Consumer<ObjectNode> change, String... parts) {
        assertThatThrownBy(() -> request(change))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_NETWORK_CONFIG))
                .hasMessageContainingAll(parts);
    }

    private static JsonNode json(String text) {
        return CniCall.JSON.readTree(text);
    }

    @Test
    void readsTheGeneratedConfiguration() {
        var request = request(config -> {});
        assertThat(request.network()).isEqualTo("multinic-ipvlanl3");
        assertThat(request.plugin().type()).isEqualTo("ipvlan");
        assertThat(request.plugin().vlanMode()).isEqualTo("l3");
        assertThat(request.nics().masterNets()).containsExactly(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24"));
        assertThat(request.nics().nics()).isZero();
        assertThat(request.addresses()).isEqualTo(new AddressSource.Blocks());
        assertThat(request.dns()).isEqualTo(json("{}"));
    }

    @Test
    void readsAddressesOfThePodsArguments() {
        var request = request(config -> {
            config.set("args", json("{\"cni\":{\"ips\":[\"192.168.64.9/18\",\"192.168.0.7\"]}}"));
            config.set("runtimeConfig", json("{\"ips\":[\"192.168.0.7\"]}"));
        });
        assertThat(request.runtime().addresses()).containsExactly("192.168.0.7", "192.168.64.9/18");
    }

    @Test
    void readsKeysAddedByMultus() {
        headers.put("Cni-Args", "IP=192.168.0.7,fd00::7");
        var request = request(config -> {
            config.set(
                    "args",
                    json(
                            "{\"cni\":{\"nics\":2,\"masters\":[\"eth1\",\"eth2\"],\"class\":\"x\",\"target\":\"5Gbps\"}}"));
            config.set("runtimeConfig", json("{\"ips\":[\"192.168.64.9/18\",\"192.168.0.7\"]}"));
            config.set("attachPolicy", json("{\"strategy\":\"costOpt\",\"target\":\"10Gbps\"}"));
        });
        assertThat(request.nics().nics()).isEqualTo(2);
        assertThat(request.nics().masters()).containsExactly("eth1", "eth2");
        assertThat(request.nics().policy()).isEqualTo(new SelectionPolicy("costOpt", "5Gbps", "x"));
        assertThat(request.runtime().addresses()).containsExactly("192.168.64.9/18", "192.168.0.7", "fd00::7");
    }

    @Test
    void targetOfTheNetworkIsUsedWhereThePodHasNone() {
        var request =
                request(config -> config.set("attachPolicy", json("{\"strategy\":\"perfOpt\",\"target\":\"10Gbps\"}")));
        assertThat(request.nics().policy()).isEqualTo(new SelectionPolicy("perfOpt", "10Gbps", ""));
    }

    @Test
    void readsRoutesAndDns() {
        var request = request(config -> config.withObject("/ipam")
                .setAll(Map.of(
                        "routes", json("[{\"dst\":\"10.1.2.3/8\",\"gw\":\"192.168.0.1\"},{\"dst\":\"fd00::/8\"}]"),
                        "dns", json("{\"nameservers\":[\"10.0.0.2\"]}"))));
        assertThat(request.routes())
                .containsExactly(
                        new IpamRoute(Cidr.parse("10.0.0.0/8"), IpAddress.parse("192.168.0.1")),
                        new IpamRoute(Cidr.parse("fd00::/8"), null));
        assertThat(request.dns().at("/nameservers/0").asString()).isEqualTo("10.0.0.2");
    }

    @Test
    void otherIpamSectionIsPassedOnUnchanged() {
        var request = request(
                config -> config.put("multiNICIPAM", false).set("ipam", json("{\"type\":\"host-local\",\"x\":1}")));
        assertThat(request.addresses())
                .isEqualTo(new AddressSource.Delegated(json("{\"type\":\"host-local\",\"x\":1}")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not JSON", "{", "[]", "\"text\"", "null", "{\"a\":1} x"})
    void inputThatIsNotAJsonObjectIsUnreadable(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNREADABLE_CONTENT))
                .hasMessageContaining("stdin");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/plugin | 7 | plugin is missing",
                "/plugin | {} | plugin.type is missing",
                "/plugin | {\"type\":\"\"} | plugin.type is missing",
                "/ipam | \"text\" | ipam is missing",
                "/ipam | {\"type\":\"whereabouts\"} | whereabouts",
                "/ipam | {\"type\":\"host-device-ipam\"} | host-device-ipam is not supported yet",
                "/multiNICIPAM | false | needs multiNICIPAM true",
                "/multiNICIPAM | \"yes\" | multiNICIPAM",
                "/masterNets | [\"10.0.1.0/33\"] | 10.0.1.0/33",
                "/masterNets | \"10.0.1.0/24\" | masterNets",
                "/args | {\"cni\":{\"nics\":\"2\"}} | nics is \"2\"",
                "/args | {\"cni\":{\"nics\":1.5}} | nics is 1.5",
                "/args | {\"cni\":{\"masters\":\"eth1\"}} | masters",
                "/args | {\"cni\":{\"masters\":[1]}} | masters",
                "/args | {\"cni\":[]} | cni-args",
                "/args | {\"cni\":{\"class\":[\"a\"]}} | cni-args class",
                "/args | {\"cni\":{\"target\":10}} | cni-args target is 10",
                "/runtimeConfig | {\"ips\":[\"192.168.0.256\"]} | 192.168.0.256",
            })
    void keyOfTheWrongTypeIsRefused(String key, String value, String part) {
        assertInvalid(config -> config.set(key.substring(1), json(value)), "multinic-ipvlanl3", part);
    }

    @Test
    void invalidRouteIsRefused() {
        assertInvalid(
                config -> config.withObject("/ipam").set("routes", json("[{\"dst\":\"10.0.0.0/8\",\"gw\":\"x\"}]")),
                "ipam.routes",
                "'x'");
        assertInvalid(
                config -> config.withObject("/ipam").set("routes", json("[{\"gw\":\"10.0.0.1\"}]")), "ipam.routes");
    }

    @Test
    void configurationWithoutNameIsRefused() {
        assertInvalid(config -> config.remove("name"), "no name");
        assertInvalid(config -> config.put("name", 7), "name");
    }

    @Test
    void fingerprintIgnoresOnlyKeyOrderAndPreviousResult() {
        String before = request(config -> {}).fingerprint();
        assertThat(request(config -> {
                            JsonNode name = config.remove("name");
                            config.set("name", name);
                            config.putObject("prevResult");
                        })
                        .fingerprint())
                .isEqualTo(before);
        assertThat(request(config -> config.withObject("/plugin").put("mtu", 9000))
                        .fingerprint())
                .isNotEqualTo(before);
        headers.put("Cni-Args", "IP=192.168.0.7");
        assertThat(request(config -> {}).fingerprint()).isNotEqualTo(before);
    }

    @Test
    void previousAddressesAreThoseOfThePreviousResult() {
        assertThat(read("{}").previousAddresses()).isEmpty();
        assertThat(read("{\"prevResult\":{}}").previousAddresses())
                .hasValueSatisfying(addresses -> assertThat(addresses).isEmpty());
        assertThat(read("{\"prevResult\":{\"ips\":[{\"address\":\"192.168.0.1/18\"}]}}")
                        .previousAddresses())
                .contains(Set.of("192.168.0.1/18"));
    }

    @Test
    void validAttachmentsAreReadAndAMissingListIsRefused() {
        assertThat(read("{\"name\":\"n\",\"cni.dev/valid-attachments\":[{\"containerID\":\"c\",\"ifname\":\"net1\"}]}")
                        .validAttachments())
                .containsExactly(new AttachmentKey("c", "net1"));
        for (String text : List.of(
                "{\"name\":\"n\"}",
                "{\"name\":\"n\",\"cni.dev/valid-attachments\":{}}",
                "{\"name\":\"n\",\"cni.dev/valid-attachments\":[{\"containerID\":\"c\"}]}")) {
            assertThatThrownBy(() -> read(text).validAttachments())
                    .isInstanceOf(MultiNicException.class)
                    .hasMessageContaining("cni.dev/valid-attachments");
        }
    }
}
