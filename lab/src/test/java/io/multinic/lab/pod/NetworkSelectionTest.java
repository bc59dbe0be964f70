package io.multinic.lab.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkSelectionTest {
    @Test
    void namesAreNumberedByPositionUnlessTheyNameAnInterface() {
        assertThat(NetworkSelection.parse("a, other/b ,c@fast0", "default"))
                .extracting(one -> one.namespace() + "/" + one.name() + " " + one.ifName())
                .containsExactly("default/a net1", "other/b net2", "default/c fast0");
    }

    @Test
    void jsonCarriesArgumentsAndAddresses() {
        NetworkSelection one = NetworkSelection.parse("""
            [{"name":"a","cni-args":{"nics":1},"ips":["192.168.0.9"]}]
            """, "default").getFirst();
        assertThat(one.cniArgs().path("nics").asInt()).isEqualTo(1);
        assertThat(one.ips()).isEqualTo(List.of("192.168.0.9"));
    }

    @Test
    void argumentsAreMergedIntoTheConfigurationAsMultusDoes() {
        NetworkSelection one = NetworkSelection.parse("""
            [{"name":"a","cni-args":{"masters":["eth2"]}}]
            """, "default").getFirst();
        JsonNode merged = Serialization.unmarshal(
                CniRuntime.merged("{\"name\":\"a\",\"args\":{\"cni\":{\"kept\":1}}}", one), JsonNode.class);
        assertThat(merged.at("/args/cni/masters/0").asText()).isEqualTo("eth2");
        assertThat(merged.at("/args/cni/kept").asInt()).isEqualTo(1);
    }

    @Test
    void selectionWithoutArgumentsLeavesTheConfigurationAlone() {
        NetworkSelection one = NetworkSelection.parse("a", "default").getFirst();
        assertThat(CniRuntime.merged("{\"name\":\"a\"}", one)).isEqualTo("{\"name\":\"a\"}");
    }
}
