package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedAddress;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class CniJsonTest {
    private static final AttachmentResult RESULT = new AttachmentResult(
            List.of(
                    new AttachedInterface("net1-0", "02:00:00:00:00:01", 1500, "/run/netns/x", null),
                    new AttachedInterface("mnv123", "02:00:00:00:00:02", 1500, "", null)),
            List.of(
                    new AttachedAddress(0, PrefixedAddress.parse("192.168.0.1/18"), null),
                    new AttachedAddress(0, PrefixedAddress.parse("fd00::1/50"), IpAddress.parse("fd00::2"))),
            List.of(CniCall.JSON.readTree("{\"dst\":\"10.0.0.0/8\",\"gw\":\"192.168.0.9\",\"mtu\":null}")),
            CniCall.JSON.readTree("{\"nameservers\":[\"10.0.0.2\"]}"));

    private final CniJson json = new CniJson(CniCall.JSON);

    @ParameterizedTest
    @CsvSource({
        "0.3.0, true, false",
        "0.3.1, true, false",
        "0.4.0, true, false",
        "1.0.0, false, false",
        "1.1.0, false, true"
    })
    void resultHasTheFormatOfItsVersion(String version, boolean ipVersion, boolean mtu) {
        String expected = """
            {"cniVersion":"%s","interfaces":[\
            {"name":"net1-0","mac":"02:00:00:00:00:01"%s,"sandbox":"/run/netns/x"},\
            {"name":"mnv123","mac":"02:00:00:00:00:02"%s}],\
            "ips":[{%s"interface":0,"address":"192.168.0.1/18"},\
            {%s"interface":0,"address":"fd00::1/50","gateway":"fd00::2"}],\
            "routes":[{"dst":"10.0.0.0/8","gw":"192.168.0.9"}],"dns":{"nameservers":["10.0.0.2"]}}\
            """.formatted(
                        version,
                        mtu ? ",\"mtu\":1500" : "",
                        mtu ? ",\"mtu\":1500" : "",
                        ipVersion ? "\"version\":\"4\"," : "",
                        ipVersion ? "\"version\":\"6\"," : "");
        assertThat(json.result(version, null, RESULT)).isEqualTo(expected);
    }

    @Test
    void resultIncludesThatOfThePluginsBefore() {
        var previous = (ObjectNode) CniCall.JSON.readTree("""
                {"interfaces":[{"name":"eth0","sandbox":"/run/netns/x"}],"ips":[{"interface":0,"address":"10.1.0.2/24"}],
                 "routes":[{"dst":"0.0.0.0/0"}],"dns":{"domain":"cluster.local"}}""");
        var merged = CniCall.JSON.readTree(json.result("1.0.0", previous, RESULT));
        assertThat(merged.path("interfaces").findValuesAsString("name")).containsExactly("eth0", "net1-0", "mnv123");
        assertThat(merged.path("ips").findValuesAsString("interface")).containsExactly("0", "1", "1");
        assertThat(merged.path("routes").findValuesAsString("dst")).containsExactly("0.0.0.0/0", "10.0.0.0/8");
        assertThat(merged.at("/dns/nameservers/0").asString()).isEqualTo("10.0.0.2");
    }

    @Test
    void errorForAnUnknownVersionHasTheNewestFormat() {
        assertThat(json.error("9.9", 7, "no \"quotes\"", "D"))
                .isEqualTo("{\"cniVersion\":\"1.1.0\",\"code\":7,\"msg\":\"no \\\"quotes\\\"\",\"details\":\"D\"}");
        assertThat(json.error("0.4.0", 7, "m", "D")).contains("\"cniVersion\":\"0.4.0\"");
    }

    @Test
    void versionsAreThoseOfTheBinary() {
        assertThat(json.versions())
                .isEqualTo(
                        "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}");
    }
}
