package io.multinic.ipam.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bad input is refused with a clear problem+json and changes nothing.
class BadRequestIT {
    private static final Rest REST = TestService.shared().rest();

    private static final String NETWORK = """
            {"name":"bad","subnets":%s,"masterNets":%s,"interfaceBlock":%s,"hostBlock":%s,"hostRoutes":true}""";
    private static final String EVENT = """
            {"nodeUid":"uid-1","epoch":1,"events":[{"sequence":1,"type":"ALLOCATED","at":"2026-11-24T08:00:00Z",
             "allocation":%s}]}""";

    /// A bad request; `detail` is a part of the expected detail.
    record Bad(String method, String path, String body, int status, String code, String detail) {
        @Override
        public String toString() {
            return method + " " + path + " " + (body.length() > 60 ? body.substring(0, 60) : body) + " " + detail;
        }
    }

    @BeforeAll
    static void oneNode() throws SQLException {
        TestService.sharedDatabase().clear();
        REST.put("/api/v1/nodes/node1", Samples.node(1));
        REST.put("/api/v1/networks/net", Samples.network("net"));
    }

    private static Bad network(String subnets, String masterNets, Object ib, Object hb, int status, String detail) {
        return new Bad(
                "PUT",
                "/api/v1/networks/bad",
                NETWORK.formatted(subnets, masterNets, ib, hb),
                status,
                status == 422 ? "INVALID_NETWORK" : "INVALID_REQUEST",
                detail);
    }

    private static Bad get(String path, String detail) {
        return new Bad("GET", path, "", 400, "INVALID_REQUEST", detail);
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
                get("/api/v1/nodes/node1/plan/changes?wait=61", "wait is 61; give 0 to 60 seconds"),
                get("/api/v1/nodes/node1/plan/changes?wait=-1", "wait is -1"),
                get("/api/v1/nodes/node1/plan?after=x", "after is 'x'"),
                get("/api/v1/addresses/300.1.1.1", "300.1.1.1"),
                get("/api/v1/addresses/192.168.0.4?at=yesterday", "at is 'yesterday'; give a time from 1970 to 9999"),
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

    /// Invalid query strings of an operation with many parameters.
    static Stream<Bad> badQueries() {
        return Stream.of(
                get("/api/v1/audit?opne=true", "there is no parameter 'opne' here; there are network, node,"),
                get("/api/v1/networks?limit=1", "there is no parameter 'limit' here; this operation has none"),
                get("/api/v1/audit?limit=1&limit=2", "limit is given twice"),
                get("/api/v1/audit?node=a&node=b", "node is given twice"),
                get("/api/v1/audit?limit=", "limit is empty; give a value, or leave it out"),
                get("/api/v1/audit?limit", "limit is empty"),
                get("/api/v1/audit?node=", "node is empty"),
                get("/api/v1/audit?&", "there is no parameter ''"),
                get("/api/v1/audit?limit=0x10", "limit is '0x10'; give a whole number"),
                get("/api/v1/audit?limit=%205", "limit is ' 5'"),
                get("/api/v1/audit?limit=5.0", "limit is '5.0'"),
                get("/api/v1/audit?limit=-5", "limit is -5; give 1 to 1000"),
                get("/api/v1/audit?limit=99999999999999999999", "limit is '99999999999999999999'"),
                get("/api/v1/audit?limit=NaN", "limit is 'NaN'"),
                get("/api/v1/audit?cursor=-5", "cursor '-5'"),
                get("/api/v1/audit?cursor=9223372036854775808", "cursor '9223372036854775808'"),
                get("/api/v1/audit?open=yes", "open is 'yes'; give true or false"),
                get("/api/v1/audit?open=TRUE", "open is 'TRUE'"),
                get("/api/v1/audit?open=1", "open is '1'"),
                get("/api/v1/audit?pod=%ff%fe", "'%ff%fe', which is not percent-encoded UTF-8"),
                get("/api/v1/audit?pod=%ed%a0%80", "not percent-encoded UTF-8"),
                get("/api/v1/audit?pod=a%2Fb", "pod is 'a/b'"),
                get("/api/v1/audit?pod=%20", "pod has 1 characters"),
                get("/api/v1/audit/actions?action=NETWORK_DEFINED%20", "action is 'NETWORK_DEFINED '; give one of"),
                get("/api/v1/audit/actions?action=network_defined", "give one of NETWORK_DEFINED, "),
                get("/api/v1/audit/actions?from=2026-11-24T08:00:00%2B01:00", "give a time from 1970 to 9999"),
                get("/api/v1/audit/actions?from=2026-02-30T08:00:00Z", "from is '2026-02-30T08:00:00Z'"),
                get("/api/v1/addresses/1.2.3.4?at=1969-12-31T23:59:59Z", "at is '1969-12-31T23:59:59Z'"),
                get("/api/v1/addresses/1.2.3.4?at=1764000000", "at is '1764000000'"),
                get("/api/v1/nodes/node1/plan?after=-1", "after is -1; give 0, or the revision"),
                get("/api/v1/nodes/node1/plan/changes?history=%00", "history is not one that was given out"));
    }

    /// Invalid paths.
    static Stream<Bad> badPaths() {
        return Stream.of(
                get("/api/v1/networks/a%2Fb", "is not one of this service"),
                get("/api/v1/networks/a%00b", "is not one of this service"),
                get("/api/v1/networks/a%5Cb", ""),
                get("/api/v1/networks/a;b=c", "potentially malicious"),
                get("/api/v1//networks", "is not one of this service"),
                get("/api/v1/networks/..%2Fnodes", ""),
                get("/api/v1/networks/%20", "name has 1 characters; give 1 to 253, not only blanks"),
                get("/api/v1/networks/a%20b", "name is 'a b'; give letters, digits and, between them"),
                get("/api/v1/networks/-a", "name is '-a'"),
                get("/api/v1/networks/%ff", "is not one of this service"),
                get("/api/v1/networks/" + "n".repeat(254), "name has 254 characters"),
                get("/api/v1/nodes/a%C3%A4", "node is 'aä'"),
                get("/api/v1/addresses/::1%25eth0", ""),
                get("/api/v1/addresses/1.2.3", "ip: '1.2.3' is not an IP address"),
                get("/api/v1/addresses/01.2.3.4", "'01.2.3.4'"));
    }

    private static Bad inventory(String body, String detail) {
        return new Bad("PUT", "/api/v1/nodes/node2", body, 400, "INVALID_REQUEST", detail);
    }

    /// JSON that parsers interpret differently, or that the database cannot store.
    static Stream<Bad> badJson() {
        return Stream.of(
                inventory("{\"nodeUid\":\"u\",\"nodeUid\":\"v\",\"nics\":[]}", "Duplicate Object property \"nodeUid\""),
                inventory("{\"nodeUid\":\"u\",\"nics\":[]} {}", "Trailing token"),
                inventory("{\"nodeUid\":\"u\",\"nics\":[]", "Unexpected end-of-input"),
                inventory("{\"nodeUid\":\"\\ud800\",\"nics\":[]}", "has half of a surrogate pair"),
                inventory("{\"nodeUid\":\"a\\u0000\",\"nics\":[]}", "has a NUL character"),
                inventory("{\"nodeUid\":1,\"nics\":[]}", "nodeUid: give a text"),
                inventory("{\"nodeUid\":true,\"nics\":[]}", "nodeUid: give a text"),
                inventory("{\"nodeUid\":[\"u\"],\"nics\":[]}", "nodeUid: give a text"),
                inventory("{\"nodeUid\":\"u\",\"nics\":{}}", "nics: give a list"),
                inventory("{\"nodeUid\":\"u\",\"nics\":\"eth0\"}", "nics: give a list"),
                inventory("{\"nodeUid\":\"u\",\"nics\":[[]]}", "nics[0]: give an object"),
                inventory("{\"nodeUid\":\"u\",\"nics\":" + "[".repeat(3000), "nics"),
                inventory("{\"nodeUid\":\"u\",\"nics\":[],\"x\":" + "[".repeat(3000) + "]".repeat(3000) + "}", "x"),
                inventory(
                        "{\"nodeUid\":\"u\",\"nics\":[],\"nicks\":[]}",
                        "no field 'nicks' here; there are nics, nodeUid"),
                inventory("\"a text\"", "give an object"),
                inventory("12", "give an object"),
                inventory("null", "the body is missing"),
                inventory(
                        "{\"nodeUid\":\"u\",\"nics\":[{\"name\":\"" + "e".repeat(254) + "\",\"addresses\":[]}]}",
                        "nics.name has 254 characters"),
                inventory(
                        "{\"nodeUid\":\"u\",\"nics\":[" + "{\"name\":\"e\",\"addresses\":[]},".repeat(256)
                                + "{\"name\":\"f\",\"addresses\":[]}]}",
                        "nics has 257 entries; at most 256"),
                inventory("{\"nodeUid\":\"u\",\"nics\":[{\"name\":\"e\",\"addresses\":[1]}]}", "nics[0].addresses[0]"),
                network("[\"172.16.0.0/16\"]", "[]", "NaN", 6, 400, "NaN"),
                network("[\"172.16.0.0/16\"]", "[]", "1e400", 6, 400, "interfaceBlock: '"),
                network("[\"172.16.0.0/16\"]", "[]", "1".repeat(2000), 6, 400, "Number value length (2000)"),
                network("[\"172.16.0.0/16\"]", "[]", "2147483648", 6, 400, "give a whole number of at most 32 bits"),
                network("[\"172.16.0.0/16\"]", "[]", "true", 6, 400, "interfaceBlock: give a whole number"),
                network("[]", "[]", 129, 6, 400, "interfaceBlock is 129; give 0 to 128 bits"),
                network("[]", "[]", 2, -1, 422, "must not be negative"),
                network("{\"a\":1}", "[]", 2, 6, 400, "subnets: give a list"));
    }

    @ParameterizedTest
    @MethodSource({"bad", "badQueries", "badPaths", "badJson"})
    void badRequestIsRefusedWithReason(Bad bad) {
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
        assertThat(answer.detail()).contains(bad.detail());
        assertThat(REST.get("/api/v1/networks/bad").status()).isEqualTo(404);
        assertThat(REST.get("/api/v1/nodes/node2").status()).isEqualTo(404);
    }

    @RepeatedTest(10) // without reading the rest, it is a race whether the client gets the answer
    void tooLargeBodyIsRefused() {
        String body = NETWORK.formatted("[\"172.16.0.0/16\"]", "[]", 2, 6) + " ".repeat(9_000_000);
        for (var answer :
                new Rest.Answer[] {REST.put("/api/v1/networks/bad", body), REST.putChunked("/api/v1/networks/bad", body)
                }) {
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
            assertThat(answer.detail()).contains("8192 KiB");
        }
    }

    /// A change that makes the second event of a batch invalid.
    record BadEvent(String change, String to, String field) {}

    static Stream<BadEvent> badEvents() {
        return Stream.of(
                new BadEvent("\"sequence\":2", "\"sequence\":3", "events[1].sequence is 3, but 2 comes here"),
                new BadEvent("\"sequence\":2", "\"sequence\":2.5", "events[1].sequence: '2.5' is not one"),
                new BadEvent("\"sequence\":2", "\"sequence\":\"2\"", "events[1].sequence"),
                new BadEvent("\"sequence\":2,", "", "events[1].sequence: Missing property 'sequence'"),
                new BadEvent(
                        "\"FREED\"", "\"LOST\"", "events[1].type: 'LOST' is not one; give one of ALLOCATED, FREED"),
                new BadEvent("\"FREED\"", "1", "events[1].type"),
                new BadEvent("\"2026-11-24T08:00:00Z\"", "1764000000", "events[1].at: give a time from 1970"),
                new BadEvent("\"2026-11-24T08:00:00Z\"", "\"\"", "events[1].at"),
                new BadEvent("\"2026-11-24T08:00:00Z\"", "\"-999999-01-01T00:00:00Z\"", "events[1].at"),
                new BadEvent("\"10.0.0.1\"", "\"10.0.0.256\"", "events[1].allocation.address: '10.0.0.256'"),
                new BadEvent("\"10.0.0.1\"", "null", "events[1].allocation.address"),
                new BadEvent("\"nic\":\"e\"", "\"nic\":\"\"", "events[1].allocation.nic is empty"),
                new BadEvent(
                        "\"nic\":\"e\"",
                        "\"nic\":\"" + "e".repeat(254) + "\"",
                        "events[1].allocation.nic has 254 characters"),
                new BadEvent("\"uid\":\"\"", "\"uid\":\"\\udc00\"", "events[1].allocation.pod.uid"),
                new BadEvent(
                        "\"uid\":\"\"", "\"uid\":\"\",\"id\":1", "no field 'id' here; there are name, namespace, uid"),
                new BadEvent("\"pod\":{", "\"pods\":{", "events[1].allocation"));
    }

    @ParameterizedTest
    @MethodSource("badEvents")
    void batchWithOneBadEventIsRefusedWholeWithItsIndex(BadEvent bad) throws SQLException {
        String event = """
                {"sequence":%d,"type":"%s","at":"2026-11-24T08:00:00Z","allocation":{"network":"net","address":"10.0.0.1",
                 "nic":"e","pod":{"namespace":"","name":"","uid":""},"containerId":"c","ifName":"n","podInterface":"p"}}""";
        String second = event.formatted(2, "FREED").replace(bad.change(), bad.to());
        assertThat(second).isNotEqualTo(event.formatted(2, "FREED"));
        var session = REST.post("/api/v1/nodes/node1/session", """
                {"nodeUid":"uid-1","storeId":"bad-batches","live":[]}""").json();
        String batch =
                "{\"nodeUid\":\"uid-1\",\"epoch\":" + session.path("epoch").asLong() + ",\"events\":["
                        + event.formatted(1, "ALLOCATED") + "," + second + "]}";
        var answer = REST.post("/api/v1/nodes/node1/ledger", batch);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
        assertThat(answer.detail()).contains(bad.field());
        assertThat(TestService.sharedDatabase().count("SELECT count(*) FROM allocation"))
                .isZero();
    }

    @Test
    void integersMayHaveFractionZeroOrExponent() {
        assertThat(REST.put("/api/v1/networks/net", Samples.network("net")).status())
                .isEqualTo(200);
        String same =
                NETWORK.formatted("[\"172.18.0.0/16\"]", "[]", "2.0", "6e0").replace("bad", "numbers");
        assertThat(REST.put("/api/v1/networks/numbers", same).status()).isEqualTo(200);
        REST.delete("/api/v1/networks/numbers");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/networks/a|b HTTP/1.1",
                "GET /api/v1/networks/% HTTP/1.1",
                "GET /api/v1/audit?pod=% HTTP/1.1",
                "GET /api/v1/audit?pod=a|b HTTP/1.1",
                "GET /api/v1/networks/../nodes HTTP/1.1",
                "TRACE /api/v1/nodes HTTP/1.1",
                "QUERY /api/v1/nodes HTTP/1.1",
                "GET api HTTP/1.1",
                "PUT /api/v1/nodes/node2 HTTP/1.1\r\nContent-Type: application/yaml\r\nContent-Length: 2",
                "PUT /api/v1/nodes/node2 HTTP/1.1\r\nContent-Type: nothing\r\nContent-Length: 2",
                "PUT /api/v1/nodes/node2 HTTP/1.1\r\nContent-Type: multipart/form-data\r\nContent-Length: 2",
                "GET /api/v1/nodes HTTP/1.1\r\nAccept: application/foo+json",
                "GET /api/v1/nodes HTTP/1.1\r\nAccept: application/yaml",
                "GET /api/v1/nodes HTTP/1.1\r\nAccept: text/html",
                "GET /api/v1/nodes HTTP/1.1\r\nAccept: /",
                "GET /api/v1/nowhere HTTP/1.1",
                "GET / HTTP/1.1",
                "GET /error HTTP/1.1"
            })
    void malformedRequestIsAnsweredWithProblem(String head) throws IOException {
        try (var socket = new Socket(
                InetAddress.getLoopbackAddress(), TestService.shared().port())) {
            socket.getOutputStream()
                    .write((head + "\r\nHost: x\r\nConnection: close\r\n\r\n{}").getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 4")
                    .contains("application/problem+json")
                    .contains("\"code\"");
        }
    }
}
