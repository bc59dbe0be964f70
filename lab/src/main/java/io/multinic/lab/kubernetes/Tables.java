package io.multinic.lab.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/// Converts objects to `meta.k8s.io/v1` tables, which `kubectl get` prints.
final class Tables {
    private Tables() {}

    /// A column's title and the JSONPath of its cells.
    record Column(String name, String path) {
        static final Column AGE = new Column("Age", ".metadata.creationTimestamp");
    }

    static JsonNode of(JsonNode objectOrList, List<Column> columns) {
        ObjectNode table =
                JsonNodeFactory.instance.objectNode().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata")
                .put(
                        "resourceVersion",
                        objectOrList.path("metadata").path("resourceVersion").asText());
        ArrayNode definitions = table.putArray("columnDefinitions");
        definitions.addObject().put("name", "Name").put("type", "string").put("format", "name");
        columns.forEach(
                column -> definitions.addObject().put("name", column.name()).put("type", "string"));
        ArrayNode rows = table.putArray("rows");
        if (objectOrList.has("items")) {
            objectOrList.path("items").forEach(item -> row(rows, item, columns));
        } else {
            row(rows, objectOrList, columns);
        }
        return table;
    }

    private static void row(ArrayNode rows, JsonNode object, List<Column> columns) {
        ObjectNode row = rows.addObject();
        ArrayNode cells = row.putArray("cells");
        cells.add(object.path("metadata").path("name").asText());
        columns.forEach(column -> cells.add(cell(object, column)));
        ObjectNode partial = row.putObject("object").put("kind", "PartialObjectMetadata");
        partial.put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.path("metadata"));
    }

    private static String cell(JsonNode object, Column column) {
        String text =
                JsonPath.select(object, column.path()).map(JsonNode::asText).collect(Collectors.joining(","));
        return column.path().equals(Column.AGE.path()) && !text.isEmpty() ? age(Instant.parse(text)) : text;
    }

    private static String age(Instant since) {
        Duration age = Duration.between(since, Instant.now());
        return age.toMinutes() < 2
                ? age.toSeconds() + "s"
                : age.toHours() < 3 ? age.toMinutes() + "m" : age.toHours() + "h";
    }
}
