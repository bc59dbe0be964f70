package io.multinic.agent.attach.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.error.MultiNicException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DelegatedIpamTest {
    private static final String TWO = """
            {"type": "multi-config", "ipam_type": "whereabouts",
             "args": {"eth1": {"range": "172.21.1.0/24"}, "eth2": {"range": "172.21.2.0/24", "routes": [{"dst": "10.0.0.0/8"}]}},
             "routes": %s}""";

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static DelegatedIpam parse(String text) {
        return DelegatedIpam.parse("storage", json(text));
    }

    @Test
    void otherTypesHaveTheSameSectionForEveryNic() {
        var ipam = parse("{\"type\":\"host-local\",\"subnet\":\"10.0.0.0/8\"}");
        assertThat(ipam.configures("eth7")).isTrue();
        assertThat(ipam.of("eth7")).isEqualTo(json("{\"type\":\"host-local\",\"subnet\":\"10.0.0.0/8\"}"));
        assertThat(ipam.all()).containsExactly(ipam.of("eth7"));
    }

    @Test
    void multiConfigHasASectionForEachMaster() {
        var ipam = parse(TWO.formatted("[]"));
        assertThat(ipam.of("eth1")).isEqualTo(json("{\"type\":\"whereabouts\",\"range\":\"172.21.1.0/24\"}"));
        assertThat(ipam.all()).containsExactly(ipam.of("eth1"), ipam.of("eth2"));
        assertThat(ipam.configures("eth3")).isFalse();
        assertThatThrownBy(() -> ipam.of("eth3")).hasMessageContainingAll("storage", "eth3", "eth1, eth2");
    }

    @Test
    void routesGoToTheMasterOfTheirGateway() {
        var ipam = parse(TWO.formatted("""
                [{"dst": "10.9.0.0/16", "gw": "172.21.2.1"}, {"dst": "10.8.0.0/16"}]"""));
        assertThat(ipam.of("eth1").path("routes")).isEqualTo(json("[{\"dst\":\"10.8.0.0/16\"}]"));
        assertThat(ipam.of("eth2").path("routes"))
                .isEqualTo(json("[{\"dst\":\"10.0.0.0/8\"},{\"dst\":\"10.9.0.0/16\",\"gw\":\"172.21.2.1\"}]"));
    }

    @Test
    void theNetworksSectionIsNotChanged() {
        JsonNode section = json(TWO.formatted("[{\"dst\": \"10.8.0.0/16\"}]"));
        JsonNode before = section.deepCopy();
        DelegatedIpam.parse("storage", section);
        assertThat(section).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\":\"multi-config\",\"args\":{\"eth1\":{}}} | ipam.ipam_type is ''; name the IPAM plugin",
                "{\"type\":\"multi-config\",\"ipam_type\":\"multi-config\",\"args\":{\"eth1\":{}}} | ipam.ipam_type",
                "{\"type\":\"multi-config\",\"ipam_type\":\"static\"} | ipam.args",
                "{\"type\":\"multi-config\",\"ipam_type\":\"static\",\"args\":{}} | ipam.args",
                "{\"type\":\"multi-config\",\"ipam_type\":\"static\",\"args\":{\"eth1\":7}} | ipam.args.eth1 is 7",
            })
    void wrongMultiConfigIsRefusedByField(String section, String reason) {
        assertThatThrownBy(() -> parse(section))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining("network storage: " + reason);
    }

    @Test
    void gatewayOutsideAllNetworksIsRefused() {
        assertThatThrownBy(() -> parse(TWO.formatted("[{\"dst\": \"10.9.0.0/16\", \"gw\": \"172.22.0.1\"}]")))
                .hasMessageContainingAll("172.22.0.1", "10.9.0.0/16", "ipam.args");
    }
}
