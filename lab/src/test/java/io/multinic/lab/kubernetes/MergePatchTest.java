package io.multinic.lab.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePatchTest {
    /// Examples of RFC 7396, appendix A.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"a":"b"}            | {"a":"c"}                | {"a":"c"}
        {"a":"b"}            | {"b":"c"}                | {"a":"b","b":"c"}
        {"a":"b","b":"c"}    | {"a":null}               | {"b":"c"}
        {"a":["b"]}          | {"a":"c"}                | {"a":"c"}
        {"a":"c"}            | {"a":["b"]}              | {"a":["b"]}
        {"a":{"b":"c"}}      | {"a":{"b":"d","c":null}} | {"a":{"b":"d"}}
        {"a":[{"b":"c"}]}    | {"a":[1]}                | {"a":[1]}
        {"e":null}           | {"a":1}                  | {"e":null,"a":1}
        {}                   | {"a":{"bb":{"ccc":null}}} | {"a":{"bb":{}}}
        """)
    void patchIsAppliedAsInTheRfc(String target, String patch, String expected) {
        assertThat(MergePatch.apply(json(target), json(patch))).isEqualTo(json(expected));
    }

    private static JsonNode json(String text) {
        return Serialization.unmarshal(text, JsonNode.class);
    }
}
