package io.multinic.ipam.openapi;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.multinic.ipam.support.Rest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Validates answers and accepted requests against an OpenAPI 3.1 document. Strict: a status, media type or property
/// that the document does not contain is an error.
final class ApiConformance {
    private final JsonNode document;
    private final List<Operation> operations = new ArrayList<>();
    private final SchemaRegistry registry =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12, builder -> {});
    private final Map<JsonNode, Schema> schemas = new HashMap<>();

    ApiConformance(JsonNode document) {
        this.document = document;
        for (var path : document.path("paths").properties()) {
            for (var method : path.getValue().properties()) {
                operations.add(
                        new Operation(method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue()));
            }
        }
        // A literal path has precedence over one with a variable.
        operations.sort(Comparator.comparingInt(
                (Operation operation) -> operation.path().split("\\{", -1).length));
    }

    record Operation(String method, String path, JsonNode description) {
        String id() {
            return description.path("operationId").asString("");
        }

        boolean matches(String requestMethod, String requestPath) {
            return method.equals(requestMethod)
                    && Pattern.matches(path.replaceAll("\\{[^}]+}", "[^/]+"), requestPath.replaceFirst("\\?.*", ""));
        }

        JsonNode response(int status) {
            return description.path("responses").path(Integer.toString(status));
        }
    }

    JsonNode document() {
        return document;
    }

    List<Operation> operations() {
        return operations;
    }

    /// The documented operation of this request; fails if there is none.
    Operation operation(String method, String path) {
        return operations.stream()
                .filter(each -> each.matches(method, path))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the document has no " + method + " " + path));
    }

    void require(Operation operation, @Nullable String body, Rest.Answer answer) {
        String what = operation.id() + " answered " + answer.status() + " " + answer.contentType() + ": "
                + answer.response().body();
        JsonNode response = operation.response(answer.status());
        if (response.isMissingNode()) {
            throw new AssertionError("not documented: " + what);
        }
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            if (!answer.response().body().isEmpty()) {
                throw new AssertionError("documented without a body: " + what);
            }
        } else {
            JsonNode media = content.path(answer.contentType().replaceFirst(";.*", ""));
            if (media.isMissingNode()) {
                throw new AssertionError("documented with other media types: " + what);
            }
            if (answer.contentType().contains("json") && !answer.contentType().contains("ndjson")) {
                validate(media.path("schema"), answer.response().body(), what);
            }
        }
        if (body != null && answer.status() < 300) {
            JsonNode requestBody =
                    operation.description().path("requestBody").path("content").path("application/json");
            validate(
                    requestBody.path("schema"),
                    body,
                    "the service accepted a body that the document forbids: " + operation.id() + " " + body);
        }
    }

    private void validate(JsonNode schema, String body, String what) {
        var faults = schemas.computeIfAbsent(schema, this::compile)
                .validate(JsonMapper.shared().readTree(body));
        if (!faults.isEmpty()) {
            throw new AssertionError(faults + " in: " + what);
        }
    }

    /// Compiles a schema whose references point to the components of the document.
    private Schema compile(JsonNode schema) {
        if (schema.isMissingNode()) {
            throw new AssertionError("a body without a schema");
        }
        ObjectNode root = JsonMapper.shared().createObjectNode();
        root.set("components", document.path("components"));
        root.putArray("allOf").add(schema);
        return registry.getSchema(root);
    }
}
