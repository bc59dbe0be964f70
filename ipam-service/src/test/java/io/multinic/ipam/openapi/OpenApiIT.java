package io.multinic.ipam.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.AuditAction;
import io.multinic.ipam.openapi.ApiConformance.Operation;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.SecuredService;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Conformance to the OpenAPI document: a scenario calls every operation and validates each answer. A new operation
/// fails this test until the scenario calls it.
class OpenApiIT {
    private static final SecuredService SECURED = SecuredService.start("--multi-nic.ipam.max-body=64KB");
    private static final Rest REST = SECURED.admin();
    private static final ApiConformance API =
            new ApiConformance(REST.get("/api/v1/openapi").json());

    private final Set<Operation> succeeded = new HashSet<>();

    @AfterAll
    static void stop() {
        SECURED.close();
    }

    private JsonNode call(int status, String method, String path, Object body) {
        return called(
                status,
                method,
                path,
                body instanceof String given ? given : JsonMapper.shared().writeValueAsString(body));
    }

    private JsonNode call(int status, String method, String path) {
        return called(status, method, path, null);
    }

    private JsonNode called(int status, String method, String path, @Nullable String body) {
        Operation operation = API.operation(method, path);
        Rest.Answer answer = REST.call(method, path, body);
        API.require(operation, body, answer);
        assertThat(answer.status())
                .as(method + " " + path + ": " + answer.response().body())
                .isEqualTo(status);
        if (status < 300) {
            succeeded.add(operation);
        }
        boolean json =
                answer.contentType().endsWith("json") && !answer.contentType().contains("ndjson");
        return json ? answer.json() : JsonMapper.shared().createObjectNode();
    }

    private static String allocation(int sequence, String type, String address) {
        return """
                {"sequence":%d,"type":"%s","at":"2026-11-24T08:00:0%dZ","allocation":{"network":"one","address":"%s",
                 "nic":"eth1","pod":{"namespace":"default","name":"pod","uid":""},"containerId":"c%s","ifName":"net1",
                 "podInterface":"net1-0"}}""".formatted(sequence, type, sequence, address, address);
    }

    private static String batch(JsonNode session, String... events) {
        return "{\"nodeUid\":\"uid-1\",\"epoch\":" + session.path("epoch").asLong() + ",\"events\":["
                + String.join(",", events) + "]}";
    }

    @Test
    void everyOperationAnswersAsDocumented() {
        networks();
        nodes();
        ledger();
        audit();
        reservations();
        releases();
        quarantine();
        removal();
        assertThat(API.operations())
                .as("operations that the scenario does not call successfully")
                .allMatch(succeeded::contains);
    }

    private void networks() {
        call(200, "PUT", "/api/v1/networks/one", Samples.network("one"));
        call(200, "PUT", "/api/v1/networks/dual", """
                {"name":"dual","subnets":["172.16.0.0/16","fd00:10::/56"],"interfaceBlock":2,"hostBlock":6,"hostRoutes":false}""");
        call(422, "PUT", "/api/v1/networks/over", Samples.network("over", "192.168.0.0/17", 6));
        call(400, "PUT", "/api/v1/networks/other", Samples.network("one"));
        call(200, "POST", "/api/v1/networks/one/preview", Samples.network("one"));
        call(200, "POST", "/api/v1/networks/over/preview", Samples.network("over", "192.168.0.0/17", 6));
        call(200, "GET", "/api/v1/networks");
        call(200, "GET", "/api/v1/networks/one");
        call(404, "GET", "/api/v1/networks/none");
    }

    private void nodes() {
        call(204, "PUT", "/api/v1/nodes/node1", Samples.node(1));
        call(204, "PUT", "/api/v1/nodes/node2", Samples.node(2));
        call(
                204,
                "PUT",
                "/api/v1/nodes/lost",
                "{\"nodeUid\":\"uid-3\",\"nics\":[{\"name\":\"eth0\",\"addresses\":[]}]}");
        call(200, "GET", "/api/v1/nodes?superseded=true");
        call(200, "GET", "/api/v1/nodes/node1");
        call(404, "GET", "/api/v1/nodes/none");
        JsonNode page = call(200, "GET", "/api/v1/networks/one/blocks?limit=1");
        call(
                200,
                "GET",
                "/api/v1/networks/one/blocks?cursor=" + page.path("next").asString(""));
        call(404, "GET", "/api/v1/networks/none/blocks");
        page = call(200, "GET", "/api/v1/networks/one/usage?limit=1").path("byHost");
        call(
                200,
                "GET",
                "/api/v1/networks/one/usage?cursor=" + page.path("next").asString(""));
        call(404, "GET", "/api/v1/networks/none/usage");
        call(200, "POST", "/api/v1/networks/one/preview", Samples.network("one", "192.168.0.0/16", 7));
        JsonNode plan = call(200, "GET", "/api/v1/nodes/node1/plan");
        String knows = "after=" + plan.path("revision").asLong();
        call(204, "GET", "/api/v1/nodes/node1/plan?" + knows);
        call(404, "GET", "/api/v1/nodes/none/plan");
        JsonNode whole = call(200, "GET", "/api/v1/nodes/node1/plan/changes");
        String history = "&history=" + whole.path("history").asString("");
        call(204, "GET", "/api/v1/nodes/node1/plan/changes?" + knows + history);
        call(204, "PUT", "/api/v1/nodes/node4", Samples.node(4));
        call(200, "GET", "/api/v1/nodes/node1/plan/changes?" + knows + history);
        call(404, "GET", "/api/v1/nodes/none/plan/changes");
    }

    private void ledger() {
        String sessionRequest = "{\"nodeUid\":\"uid-1\",\"storeId\":\"disk\",\"confirmed\":0,\"live\":[]}";
        JsonNode session = call(200, "POST", "/api/v1/nodes/node1/session", sessionRequest);
        call(404, "POST", "/api/v1/nodes/none/session", sessionRequest);
        call(
                200,
                "POST",
                "/api/v1/nodes/node1/ledger",
                batch(
                        session,
                        allocation(1, "ALLOCATED", "192.168.0.4"),
                        allocation(2, "ALLOCATED", "192.168.0.5"),
                        allocation(3, "FREED", "192.168.0.5")));
        call(409, "POST", "/api/v1/nodes/node1/ledger", batch(session, allocation(9, "ALLOCATED", "192.168.0.6")));
        call(409, "POST", "/api/v1/nodes/node1/ledger", "{\"nodeUid\":\"uid-1\",\"epoch\":0,\"events\":[]}");
        call(404, "POST", "/api/v1/nodes/none/ledger", batch(session));
        // A session of a new disk is answered with the allocations to restore.
        call(200, "POST", "/api/v1/nodes/node1/session", sessionRequest.replace("disk", "new-disk"));
        call(409, "DELETE", "/api/v1/nodes/node1");
        call(409, "DELETE", "/api/v1/networks/one");
        call(409, "PUT", "/api/v1/networks/one", Samples.network("one", "192.168.0.0/16", 6, "192.168.0.0/24"));
    }

    private void audit() {
        call(200, "GET", "/api/v1/addresses/192.168.0.4");
        call(200, "GET", "/api/v1/addresses/192.168.0.5?at=2026-11-24T08:00:02Z");
        call(200, "GET", "/api/v1/pods/default/pod/addresses");
        call(200, "GET", "/api/v1/audit?network=one&node=node1&open=true");
        JsonNode page = call(200, "GET", "/api/v1/audit?limit=1");
        call(200, "GET", "/api/v1/audit?cursor=" + page.path("next").asString(""));
        call(200, "GET", "/api/v1/audit?format=csv&from=2026-11-24T08:00:00Z&to=2026-11-24T09:00:00Z");
        call(200, "GET", "/api/v1/conflicts?format=ndjson");
        call(400, "GET", "/api/v1/audit/actions?format=xml");
        call(200, "GET", "/api/v1/audit/actions?action=" + AuditAction.NETWORK_DEFINED + "&network=one");
    }

    private void reservations() {
        String range = """
                {"range":"192.168.0.16-192.168.0.20","reason":"the printer","owner":"ops","heldFor":"default/pod"}""";
        JsonNode made = call(201, "POST", "/api/v1/networks/one/reservations", range);
        call(200, "POST", "/api/v1/networks/one/reservations", range);
        call(409, "POST", "/api/v1/networks/one/reservations", range.replace("ops", "others"));
        call(404, "POST", "/api/v1/networks/none/reservations", range);
        call(200, "GET", "/api/v1/networks/one/reservations?owner=ops&address=192.168.0.17&limit=1");
        call(404, "GET", "/api/v1/networks/none/reservations");
        call(
                204,
                "DELETE",
                "/api/v1/networks/one/reservations/" + made.path("id").asLong());
    }

    private void releases() {
        String force = "{\"force\":true,\"reason\":\"its machine burnt\"}";
        call(200, "POST", "/api/v1/networks/one/addresses/192.168.0.4/release", force);
        call(409, "POST", "/api/v1/networks/one/addresses/192.168.0.4/release", force);
        call(400, "POST", "/api/v1/networks/one/addresses/192.168.0.4/release", "{\"force\":true}");
        call(404, "POST", "/api/v1/networks/none/addresses/192.168.0.4/release", force);
        call(200, "GET", "/api/v1/conflicts?network=one&node=node1&kind=RELEASED&open=true&limit=1");
    }

    private void quarantine() {
        call(200, "GET", "/api/v1/quarantine");
        call(200, "POST", "/api/v1/quarantine", "{\"reason\":\"a restored backup\"}");
        call(200, "DELETE", "/api/v1/quarantine?reason=all%20is%20known");
        call(400, "DELETE", "/api/v1/quarantine");
    }

    private void removal() {
        call(204, "DELETE", "/api/v1/nodes/node2?uid=uid-2");
        call(410, "POST", "/api/v1/nodes/node2/session", "{\"nodeUid\":\"uid-2\",\"storeId\":\"disk\",\"live\":[]}");
        call(410, "POST", "/api/v1/nodes/node2/ledger", "{\"nodeUid\":\"uid-2\",\"epoch\":1,\"events\":[]}");
        call(204, "DELETE", "/api/v1/networks/dual");
    }

    static Stream<String> operationIds() {
        return API.operations().stream().map(Operation::id);
    }

    private static Operation operation(String id) {
        return API.operations().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /// A path of the operation; the object need not exist.
    private static String somewhere(Operation operation) {
        return operation
                .path()
                .replace("{ip}", "192.0.2.1")
                .replace("{id}", "1")
                .replaceAll("\\{[^}]+}", "nobody");
    }

    /// Tries the errors that the document lists for every operation.
    @ParameterizedTest
    @MethodSource("operationIds")
    void commonErrorsOfEveryOperationAreDocumented(String id) {
        Operation operation = operation(id);
        String path = somewhere(operation);
        boolean hasBody = operation.description().has("requestBody");
        boolean answers = operation.description().path("responses").has("406");
        String body = hasBody ? "{}" : null;
        require(operation, 401, SECURED.service().rest().call(operation.method(), path, body));
        require(operation, 401, SECURED.service().rest().with("no-token").call(operation.method(), path, body));
        require(operation, 400, REST.call(operation.method(), path + "?nothing=1", body));
        if (operation.path().contains("{")) {
            String blank = operation.path().replaceAll("\\{[^}]+}", "%20");
            require(operation, 400, REST.call(operation.method(), blank, body));
        }
        if (answers) {
            require(operation, 406, REST.call(operation.method(), path, body, "Accept", "application/yaml"));
        }
        if (hasBody) {
            require(operation, 400, REST.call(operation.method(), path, "{"));
            require(operation, 415, REST.call(operation.method(), path, body, "Content-Type", "application/yaml"));
            require(operation, 413, REST.call(operation.method(), path, "{\"x\":\"" + "x".repeat(70_000) + "\"}"));
        }
    }

    @ParameterizedTest
    @MethodSource("operationIds")
    void callerWithoutRoleIsRefusedAsDocumented(String id) {
        Operation operation = operation(id);
        String nobody = SECURED.tokens().of("nobody");
        require(
                operation,
                403,
                SECURED.service().rest().with(nobody).call(operation.method(), somewhere(operation), null));
    }

    private static void require(Operation operation, int status, Rest.Answer answer) {
        API.require(operation, null, answer);
        assertThat(answer.status())
                .as(operation.id() + ": " + answer.response().body())
                .isEqualTo(status);
    }

    /// Bounds let a client validate its requests and a fuzzer generate valid ones.
    @Test
    void parametersAndRequestFieldsHaveBounds() {
        var without = new TreeSet<String>();
        for (Operation operation : API.operations()) {
            operation.description().path("parameters").forEach(parameter -> {
                if (!isBound(parameter.path("schema"))) {
                    without.add(operation.id() + ": " + parameter.path("name").asString(""));
                }
            });
            JsonNode body =
                    operation.description().path("requestBody").path("content").path("application/json");
            if (!body.isMissingNode()) {
                fields(body.path("schema"), operation.id(), without);
            }
        }
        assertThat(without).isEmpty();
    }

    private static JsonNode resolved(JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.isEmpty() ? schema : API.document().at(reference.substring(1));
    }

    private static void fields(JsonNode schema, String where, Set<String> without) {
        JsonNode record = resolved(schema);
        if (record.has("anyOf")) {
            record.path("anyOf").forEach(each -> fields(each, where, without));
        }
        for (var field : record.path("properties").properties()) {
            String name = where + "." + field.getKey();
            JsonNode value = resolved(field.getValue());
            if (value.has("items")) {
                if (!value.has("maxItems")) {
                    without.add(name);
                }
                fields(value.path("items"), name, without);
            } else if (value.has("properties") || value.has("anyOf")) {
                fields(value, name, without);
            } else if (!isBound(value)) {
                without.add(name);
            }
        }
    }

    private static boolean isBound(JsonNode schema) {
        String types = schema.path("type").toString();
        return schema.has("enum")
                || types.contains("boolean")
                || (types.contains("string") && (schema.has("pattern") || schema.has("format") || schema.has("anyOf")))
                || (types.contains("integer") && (schema.has("format") || schema.has("maximum")));
    }
}
