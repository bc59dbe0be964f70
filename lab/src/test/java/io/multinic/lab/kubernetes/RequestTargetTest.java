package io.multinic.lab.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTargetTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        spec.nodeName=n1                          | a
        spec.nodeName!=n1                         | b
        spec.nodeName=n1,metadata.name=b          | ''
        metadata.name=b                           | b
        """)
    void fieldSelectorKeepsMatchingItems(String selector, String names) {
        var list = (ObjectNode) Serialization.unmarshal("""
            {"items":[{"metadata":{"name":"a"},"spec":{"nodeName":"n1"}},
                      {"metadata":{"name":"b"},"spec":{"nodeName":"n2"}}]}
            """, JsonNode.class);
        RequestTarget.parse("/api/v1/pods?fieldSelector="
                        + selector.replace("=", "%3D").replace(",", "%2C"))
                .keepSelected(list);
        assertThat(list.findValuesAsText("name"))
                .containsExactly(names.isEmpty() ? new String[0] : new String[] {names});
    }

    @Test
    void watchOfOneObjectKeepsItsFieldSelector() {
        assertThat(RequestTarget.parse("/api/v1/pods?watch=1&fieldSelector=metadata.name%3Da")
                        .withoutFields())
                .isEqualTo("/api/v1/pods?watch=true&fieldSelector=metadata.name%3Da");
    }

    @Test
    void listLosesTheFieldSelectorAndKeepsTheLabelSelector() {
        assertThat(RequestTarget.parse("/api/v1/pods?labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn1")
                        .withoutFields())
                .isEqualTo("/api/v1/pods?labelSelector=a%3Db");
    }
}
