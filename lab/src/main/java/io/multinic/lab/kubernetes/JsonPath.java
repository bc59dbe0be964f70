package io.multinic.lab.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// The subset of JSONPath that printer columns use: `.name`, `['name']`, `[*]` and `[?(@.name=="value")]`.
final class JsonPath {
    private static final Pattern STEP = Pattern.compile(
            "\\.(?<name>[^.\\[]+)|\\['(?<quoted>[^']+)'\\]|(?<all>\\[\\*\\])|\\[\\?\\(@\\.(?<field>\\w+)==[\"'](?<value>[^\"']*)[\"']\\)\\]");

    private JsonPath() {}

    /// The values at `path`; empty if a step of the path does not exist.
    static Stream<JsonNode> select(JsonNode root, String path) {
        Stream<JsonNode> nodes = Stream.of(root);
        Matcher step = STEP.matcher(path.replaceAll("[{}]", ""));
        while (step.find()) {
            nodes = next(nodes, step);
        }
        return nodes.filter(node -> !node.isMissingNode() && !node.isNull());
    }

    private static Stream<JsonNode> next(Stream<JsonNode> nodes, Matcher step) {
        String name = step.group("name") != null ? step.group("name") : step.group("quoted");
        if (name != null) {
            return nodes.map(node -> node.path(name));
        }
        Stream<JsonNode> elements = nodes.flatMap(node -> StreamSupport.stream(node.spliterator(), false));
        if (step.group("all") != null) {
            return elements;
        }
        String field = step.group("field");
        String value = step.group("value");
        return elements.filter(element -> element.path(field).asText().equals(value));
    }
}
