package io.multinic.lab.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// The path and the query parameters of a request.
record RequestTarget(String path, Map<String, String> query) {

    static RequestTarget parse(String pathAndQuery) {
        int mark = pathAndQuery.indexOf('?');
        if (mark < 0) {
            return new RequestTarget(pathAndQuery, Map.of());
        }
        var query = new LinkedHashMap<String, String>();
        for (String pair : pathAndQuery.substring(mark + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return new RequestTarget(pathAndQuery.substring(0, mark), query);
    }

    boolean watch() {
        String watch = query.getOrDefault("watch", "false");
        return watch.equals("true") || watch.equals("1");
    }

    /// The path and the query without the field selector, because fabric8 supports it for names and namespaces only. A
    /// watch of one object by name keeps its selector.
    String withoutFields() {
        var kept = new LinkedHashMap<>(query);
        if (!fields().keySet().stream().allMatch("metadata.name"::equals) || !watch()) {
            kept.remove("fieldSelector");
        }
        if (watch()) {
            kept.put("watch", "true");
        }
        return kept.isEmpty()
                ? path
                : path + "?"
                        + kept.entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
                                .collect(Collectors.joining("&"));
    }

    /// Removes the items that do not match the field selector.
    void keepSelected(ObjectNode list) {
        Map<String, String> fields = fields();
        if (fields.isEmpty() || !(list.path("items") instanceof ArrayNode items)) {
            return;
        }
        ArrayNode selected = list.arrayNode();
        items.forEach(item -> {
            if (fields.entrySet().stream().allMatch(field -> selects(item, field.getKey(), field.getValue()))) {
                selected.add(item);
            }
        });
        list.set("items", selected);
    }

    private static boolean selects(JsonNode item, String field, String value) {
        boolean negated = field.endsWith("!");
        JsonNode node = item;
        for (String step : field.replace("!", "").split("\\.", -1)) {
            node = node.path(step);
        }
        return node.asText("").equals(value) != negated;
    }

    /// `a=b,c!=d` as `{a: b, c!: d}`.
    private Map<String, String> fields() {
        var fields = new LinkedHashMap<String, String>();
        for (String requirement : query.getOrDefault("fieldSelector", "").split(",", -1)) {
            String plain = requirement.replace("==", "=");
            int equals = plain.indexOf('=');
            if (equals > 0) {
                fields.put(plain.substring(0, equals), plain.substring(equals + 1));
            }
        }
        return fields;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
