package io.multinic.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Bad input gets a clear problem+json at the edge, and changes nothing.
class BadRequestIT {
    private static final Rest REST = TestService.shared().rest();

    private static final String NETWORK = """
            {"name":"bad","subnets":%s,"masterNets":%s,"interfaceBlock":%s,"hostBlock":%s,"hostRoutes":true}""";
    private static final String EVENT = """
            {"nodeUid":"uid-1","epoch":1,"events":[{"sequence":1,"type":"ALLOCATED","at":"2026-11-24T08:00:00Z",
             "allocation":%s}]}""";

    /// `says` must be in the detail.
    record Bad(String method, String path, String body, int status, String code, String says) {
        @Override
        public String toString() {
            return method + " " + path + " " + (body.length() > 60 ? body.substring(0, 60) : body) + " " + says;
        }
    }

    @BeforeAll
    static void oneNode() throws SQLException {
        TestService.sharedDatabase().clear();
        REST.put("/api/v1/nodes/node1", Samples.node(1));
        REST.put("/api/v1/networks/net", Samples.network("net"));
    }

    private static Bad network(String subnets, String masterNets, Object ib, Object hb, int status, String says) {
        return new Bad(
                "PUT",
                "/api/v1/networks/bad",
                NETWORK.formatted(subnets, masterNets, ib, hb),
                status,
                status == 422 ? "INVALID_NETWORK" : "INVALID_REQUEST",
                says);
    }

    private static Bad get(String path, String says) {
        return new Bad("GET", path, "", 400, "INVALID_REQUEST", says);
    }

    static Stream<Bad> bad() {
        String nets = "[\"10.0.1.0/24\"]";
        return Stream.of(
                network("[\"172.16.0.0/16\"]", nets, 2, 15, 422, "needs 33 bits"),
                network("[\"172.16.0.0/16\"]", nets, -1, 6, 422, "must not be negative"),
                network("[\"172.16.0.0/16\"]", nets, 2_000_000_000, 2_000_000_000, 422, "bits"),
                network("[\"172.16.0.1/16\"]", nets, 2, 6, 400, "subnets[0]: 172.16.0.1/16 has host bits set"),
                network("[\"172.16.0.0/33\"]", nets, 2, 6, 400, "subnets[0]"),
                network("[\"nonsense\"]", nets, 2, 6, 400, "'nonsense'"),
                network("[null]", nets, 2, 6, 400, "subnets"),
                network("[]", nets, 2, 9, 422, "10.0.1.0/24 divided by hostBlock 9 needs 33 bits"),
                network("[]", "[\"10.0.0.0/16\", \"10.0.1.0/24\"]", 2, 6, 422, "overlap, so their blocks would"),
                network("[]", nets, -1, 6, 422, "must not be negative"),
                network("[]", "[]", 0, 129, 422, "not above 128"),
                network("[\"172.16.0.0/16\",\"172.17.0.0/16\"]", nets, 2, 6, 422, "more than one"),
                network(
                        "[\"172.16.0.0/16\"]",
                        "[\"10.0.1.0/24\",\"10.0.2.0/24\"]",
                        0,
                        6,
                        422,
                        "2 masterNets, but interfaceBlock 0 has room for 1"),
                network("[\"172.16.0.0/16\"]", "[\"10.0.1.0/24\",\"10.0.1.0/24\"]", 2, 6, 422, "twice"),
                network("[\"192.168.64.0/24\"]", nets, 1, 1, 422, "overlaps 192.168.0.0/16 of network net"),
                network("[\"172.16.0.0/16\"]", nets, 2.5, 6, 400, "interfaceBlock"),
                network("[\"172.16.0.0/16\"]", nets, "\"2\"", 6, 400, "interfaceBlock"),
                network("[\"172.16.0.0/16\"]", nets, "null", 6, 400, "interfaceBlock"),
                network("[\"172.16.0.0/16\"]", nets, 99_999_999_999L, 6, 400, "interfaceBlock"),
                network("\"172.16.0.0/16\"", nets, 2, 6, 400, "subnets"),
                new Bad("PUT", "/api/v1/networks/bad", "", 400, "INVALID_REQUEST", "body is missing"),
                new Bad("PUT", "/api/v1/networks/bad", "no json", 400, "INVALID_REQUEST", "cannot be read"),
                new Bad(
                        "PUT",
                        "/api/v1/networks/bad",
                        "{}",
                        400,
                        "INVALID_REQUEST",
                        "Missing property 'interfaceBlock'"),
                new Bad("PUT", "/api/v1/networks/bad", "[]", 400, "INVALID_REQUEST", "cannot be read"),
                new Bad(
                        "PUT",
                        "/api/v1/networks/other",
                        NETWORK.formatted("[\"172.16.0.0/16\"]", nets, 2, 6),
                        400,
                        "INVALID_REQUEST",
                        "path names network other, the body bad"),
                new Bad(
                        "PUT",
                        "/api/v1/networks/bad",
                        NETWORK.formatted("[\"172.16.0.0/16\"]", nets, 2, 6).replace("{", "{\"subnet\":\"x\","),
                        400,
                        "INVALID_REQUEST",
                        "subnet"),
                new Bad("PUT", "/api/v1/nodes/node2", "{\"nics\":[]}", 400, "INVALID_REQUEST", "nodeUid"),
                new Bad(
                        "PUT",
                        "/api/v1/nodes/node2",
                        "{\"nodeUid\":\"\",\"nics\":[]}",
                        400,
                        "INVALID_REQUEST",
                        "nodeUid"),
                new Bad("PUT", "/api/v1/nodes/node2", "{\"nodeUid\":\"u\"}", 400, "INVALID_REQUEST", "nics"),
                new Bad(
                        "PUT",
                        "/api/v1/nodes/node2",
                        "{\"nodeUid\":\"u\",\"nics\":[{\"name\":\"a\",\"addresses\":[\"10.0.0.1\"]}]}",
                        400,
                        "INVALID_REQUEST",
                        "nics[0].addresses[0]: '10.0.0.1' is not of the form"),
                new Bad(
                        "PUT",
                        "/api/v1/nodes/node2",
                        "{\"nodeUid\":\"u\",\"nics\":[{\"name\":\"a\",\"addresses\":[]},"
                                + "{\"name\":\"a\",\"addresses\":[]}]}",
                        400,
                        "INVALID_REQUEST",
                        "names a twice"),
                new Bad("POST", "/api/v1/nodes/node1/session", "{}", 400, "INVALID_REQUEST", "nodeUid"),
                new Bad(
                        "POST",
                        "/api/v1/nodes/node1/session",
                        "{\"nodeUid\":\"uid-1\",\"storeId\":\"s\",\"confirmed\":-1,\"live\":[]}",
                        400,
                        "INVALID_REQUEST",
                        "confirmed is -1"),
                new Bad(
                        "POST",
                        "/api/v1/nodes/node1/ledger",
                        EVENT.formatted("null"),
                        400,
                        "INVALID_REQUEST",
                        "allocation"),
                new Bad(
                        "POST",
                        "/api/v1/nodes/node1/ledger",
                        EVENT.formatted("{}"),
                        400,
                        "INVALID_REQUEST",
                        "events[0]"),
                new Bad(
                        "POST",
                        "/api/v1/nodes/node1/ledger",
                        "{\"nodeUid\":\"uid-1\",\"epoch\":1,\"events\":[null]}",
                        400,
                        "INVALID_REQUEST",
                        "events"),
                get("/api/v1/networks/net/blocks?limit=0", "limit is 0; give 1 to 1000"),
                get("/api/v1/networks/net/blocks?limit=1001", "limit is 1001"),
                get("/api/v1/networks/net/blocks?limit=many", "limit is 'many'"),
                get("/api/v1/networks/net/blocks?cursor=x", "cursor 'x'"),
                get("/api/v1/nodes/node1/plan?wait=61", "wait is 61; give 0 to 60 seconds"),
                get("/api/v1/nodes/node1/plan?wait=-1", "wait is -1"),
                get("/api/v1/nodes/node1/plan?after=x", "after is 'x'"),
                get("/api/v1/addresses/300.1.1.1", "300.1.1.1"),
                get("/api/v1/addresses/192.168.0.4?at=yesterday", "at is 'yesterday'; give a time such as"),
                get("/api/v1/addresses/192.168.0.4?at=-999999999-01-01T00:00:00Z", "at is"),
                get("/api/v1/audit?cursor=x", "cursor 'x'"),
                get("/api/v1/audit?open=perhaps", "open is 'perhaps'"),
                get("/api/v1/audit?node=" + "n".repeat(300), "node has 300 characters"),
                get("/api/v1/audit?pod=a%00b", "control character"),
                new Bad("GET", "/api/v1/networks/none", "", 404, "NETWORK_UNKNOWN", "network none"),
                new Bad("GET", "/api/v1/networks/none/blocks", "", 404, "NETWORK_UNKNOWN", "network none"),
                new Bad("GET", "/api/v1/nodes/none", "", 404, "NODE_UNKNOWN", "node none"),
                new Bad("GET", "/api/v1/nowhere", "", 404, "INVALID_REQUEST", ""),
                new Bad("POST", "/api/v1/networks/net", "{}", 405, "INVALID_REQUEST", "POST"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void isRefusedWithTheReason(Bad bad) {
        var answer = switch (bad.method()) {
            case "PUT" -> REST.put(bad.path(), bad.body());
            case "POST" -> REST.post(bad.path(), bad.body());
            default -> REST.get(bad.path());
        };
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(bad.status());
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
        assertThat(answer.code()).isEqualTo(bad.code());
        assertThat(answer.json().path("status").asInt(0)).isEqualTo(bad.status());
        assertThat(answer.json().path("type").asString("")).startsWith("urn:multinic:error:");
        assertThat(answer.detail()).contains(bad.says());
        assertThat(REST.get("/api/v1/networks/bad").status()).isEqualTo(404);
        assertThat(REST.get("/api/v1/nodes/node2").status()).isEqualTo(404);
    }

    @Test
    void aBodyThatIsTooLargeIsNotRead() {
        String body = NETWORK.formatted("[\"172.16.0.0/16\"]", "[]", 2, 6) + " ".repeat(9_000_000);
        for (var answer :
                new Rest.Answer[] {REST.put("/api/v1/networks/bad", body), REST.putChunked("/api/v1/networks/bad", body)
                }) {
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
            assertThat(answer.detail()).contains("8192 KiB");
        }
    }

    @Test
    void theOpenApiDocumentNamesEveryOperation() {
        var paths = REST.get("/api/v1/openapi").json().path("paths");
        assertThat(paths.propertyNames())
                .contains(
                        "/api/v1/networks",
                        "/api/v1/networks/{name}",
                        "/api/v1/networks/{name}/blocks",
                        "/api/v1/nodes",
                        "/api/v1/nodes/{node}",
                        "/api/v1/nodes/{node}/session",
                        "/api/v1/nodes/{node}/plan",
                        "/api/v1/nodes/{node}/ledger",
                        "/api/v1/addresses/{ip}",
                        "/api/v1/pods/{namespace}/{pod}/addresses",
                        "/api/v1/audit");
    }
}
