package io.multinic.lab.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPathTest {
    private static final JsonNode OBJECT = Serialization.unmarshal("""
        {"spec":{"subnet":"10.0.0.0/8","interfaces":[{"name":"eth1"},{"name":"eth2"}]},
         "metadata":{"annotations":{"k8s.io/a":"b"}},
         "status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Planned","status":"False"}]}}
        """, JsonNode.class);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        .spec.subnet                                     | 10.0.0.0/8
        .spec.interfaces[*].name                         | eth1,eth2
        .metadata.annotations['k8s.io/a']                | b
        .status.conditions[?(@.type=="Planned")].status  | False
        {.status.conditions[?(@.type=='Ready')].status}  | True
        .spec.nothing.at.all                             | ''
        """)
    void pathSelectsValues(String path, String expected) {
        assertThat(JsonPath.select(OBJECT, path).map(JsonNode::asText))
                .containsExactly(expected.isEmpty() ? new String[0] : expected.split(",", -1));
    }
}
