package io.multinic.ipam.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.ReleaseRequest;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Complete lists as streams of NDJSON or CSV rows.
class RowStreamIT {
    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();

    /// 2,500 intervals, the last one open.
    @BeforeEach
    void intervals() throws SQLException {
        database.clear();
        rest.put("/api/v1/networks/net", Samples.network("net"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        long epoch = rest.post("/api/v1/nodes/node1/session", new SessionRequest("uid-1", "s", 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
        var events = new LedgerEvent[4_999];
        for (int i = 0; i < events.length; i++) {
            events[i] = i % 2 == 0
                    ? Samples.allocated(i + 1, "192.168.0.4", "c" + i / 2)
                    : Samples.freed(i + 1, "192.168.0.4", "c" + i / 2);
        }
        rest.post("/api/v1/nodes/node1/ledger", Samples.batch(1, epoch, events)).as(LedgerReceipt.class);
    }

    private static List<JsonNode> lines(String body) {
        return body.lines().map(JsonMapper.shared()::readTree).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/audit", "/addresses/192.168.0.4", "/audit?node=node1&network=net"})
    void ndjsonHasEveryRowAndAnEndLine(String path) {
        var answer = rest.get("/api/v1" + path, "application/x-ndjson");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("application/x-ndjson;charset=UTF-8");
        List<JsonNode> lines = lines(answer.response().body());
        assertThat(lines).hasSize(2_501);
        assertThat(lines.stream()
                        .limit(2_500)
                        .map(line -> line.path("allocation").path("containerId").asString())
                        .distinct())
                .hasSize(2_500)
                .startsWith("c2499")
                .endsWith("c0");
        JsonNode end = lines.getLast();
        assertThat(end.path("end").asBoolean()).isTrue();
        assertThat(end.path("rows").asInt()).isEqualTo(2_500);
        assertThat(end.path("completeness").has("behindCount")).isTrue();
    }

    @Test
    void csvHasHeaderAndEveryRow() {
        var answer = rest.get("/api/v1/audit?format=csv");
        assertThat(answer.contentType()).isEqualTo("text/csv;charset=UTF-8");
        List<String> lines = Stream.of(answer.response().body().split("\r\n")).toList();
        assertThat(lines).hasSize(2_501);
        assertThat(lines.getFirst())
                .isEqualTo("from,to,node,network,address,nic,namespace,pod,podUid,containerId,ifName,podInterface");
        assertThat(lines.get(1)).contains(",,node1,net,192.168.0.4,eth1,default,pod-c2499,,c2499,net1,net1-0");
    }

    @Test
    void limitedRowStreamEndsWithTheNextCursor() {
        var first = lines(
                rest.get("/api/v1/audit?format=ndjson&limit=1000").response().body());
        assertThat(first).hasSize(1_001);
        String next = first.getLast().path("next").asString();
        var rest1 = lines(rest.get("/api/v1/audit?format=ndjson&cursor=" + next)
                .response()
                .body());
        assertThat(rest1).hasSize(1_501);
        assertThat(rest1.getFirst().path("allocation").path("containerId").asString())
                .isEqualTo("c1499");
    }

    @Test
    void holdersAndPodsAreStreamedAsRows() {
        var at = lines(rest.get("/api/v1/addresses/192.168.0.4?format=ndjson&at="
                        + Samples.T0.plusSeconds(4_999).plusMillis(1))
                .response()
                .body());
        assertThat(at).hasSize(2);
        assertThat(at.getFirst().path("allocation").path("containerId").asString())
                .isEqualTo("c2499");
        assertThat(lines(rest.get("/api/v1/pods/default/pod-c7/addresses?format=ndjson")
                        .response()
                        .body()))
                .hasSize(2);
    }

    @Test
    void conflictsAndActionsAreStreamedAsRows() {
        rest.post(
                "/api/v1/networks/net/addresses/192.168.0.4/release",
                new ReleaseRequest(null, true, "=HYPERLINK(\"http://x\"), \"quoted\"", null));
        String conflicts = rest.get("/api/v1/conflicts", "text/csv").response().body();
        assertThat(conflicts.lines().toList()).hasSize(2);
        assertThat(conflicts).contains("RELEASED", ",192.168.0.4,");
        String actions =
                rest.get("/api/v1/audit/actions", "text/csv").response().body();
        assertThat(actions)
                .startsWith("id,at,caller,action,network,node,object,reason,details\r\n")
                .contains(",\"'=HYPERLINK(\"\"http://x\"\"), \"\"quoted\"\"\",");
        assertThat(lines(rest.get("/api/v1/audit/actions?format=ndjson")
                        .response()
                        .body()))
                .hasSize(4);
    }

    @Test
    void auditIsFilteredByTime() {
        String half = Samples.T0.plusSeconds(2_499).toString();
        // One interval is held from T0+2,499 s to T0+2,500 s.
        assertThat(lines(rest.get("/api/v1/audit?format=ndjson&from=" + half)
                        .response()
                        .body()))
                .hasSize(1_251 + 1);
        assertThat(lines(rest.get("/api/v1/audit?format=ndjson&to=" + half)
                        .response()
                        .body()))
                .hasSize(1_249 + 1);
        assertThat(rest.get("/api/v1/audit?from=yesterday").code()).isEqualTo("INVALID_REQUEST");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | application/json",
                "*/* | application/json",
                "text/html, */*;q=0.8 | application/json",
                "text/csv | text/csv;charset=UTF-8",
                "text/* | text/csv;charset=UTF-8",
                "application/json;q=0.5, text/csv | text/csv;charset=UTF-8",
                "application/x-ndjson, application/json;q=0.9 | application/x-ndjson;charset=UTF-8"
            })
    void preferredMediaTypeIsSent(String accept, String type) {
        assertThat(rest.get("/api/v1/audit?limit=1", accept).contentType()).isEqualTo(type);
    }

    @Test
    void errorIsProblemJsonWhateverIsAccepted() {
        for (String path : List.of("/audit?limit=0", "/audit?cursor=x", "/audit?format=xml", "/audit?node=")) {
            var answer = rest.get("/api/v1" + path, "text/csv");
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.contentType()).isEqualTo("application/problem+json");
            assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
        }
        assertThat(rest.get("/api/v1/audit?limit=1&format=json", "text/csv").contentType())
                .as("the parameter has precedence")
                .isEqualTo("application/json");
        assertThat(rest.get("/api/v1/audit", "nonsense").status()).isEqualTo(406);
    }

    @Test
    void openApiDocumentListsRowFormats() {
        var paths = rest.get("/api/v1/openapi").json().path("paths");
        for (String path : List.of(
                "/api/v1/audit",
                "/api/v1/audit/actions",
                "/api/v1/conflicts",
                "/api/v1/addresses/{ip}",
                "/api/v1/pods/{namespace}/{pod}/addresses")) {
            var content =
                    paths.path(path).path("get").path("responses").path("200").path("content");
            assertThat(content.has("text/csv") && content.has("application/x-ndjson"))
                    .as(path)
                    .isTrue();
        }
        assertThat(paths.path("/api/v1/networks/{name}/blocks").toString()).doesNotContain("text/csv");
    }

    @Test
    void clientThatDisconnectsDoesNotAffectOthers() throws Exception {
        var response = rest.open("/api/v1/audit?format=ndjson");
        response.body().readNBytes(10);
        response.body().close();
        assertThat(rest.get("/api/v1/audit?limit=1").status()).isEqualTo(200);
    }

    @Test
    void headRequestHasNoBody() {
        var answer = rest.head("/api/v1/audit?format=csv");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("text/csv;charset=UTF-8");
        assertThat(answer.response().body()).isEmpty();
    }

    /// The client stops reading until the table is missing; the service has filled the connection by then.
    @ParameterizedTest
    @ValueSource(strings = {"ndjson", "csv"})
    void interruptedRowStreamHasNoEndLine(String format) throws Exception {
        database.execute("INSERT INTO audit_event (caller, action, details)"
                + " SELECT 'me', 'NODE_EDITED', jsonb_build_object('text', repeat('x', 2000))"
                + " FROM generate_series(1, 20000)");
        var response = rest.open("/api/v1/audit/actions?format=" + format);
        assertThat(response.statusCode()).isEqualTo(200);
        try (InputStream body = response.body()) {
            body.readNBytes(1_000);
            database.execute("ALTER TABLE audit_event RENAME TO audit_event_away");
            try {
                var read = new ByteArrayOutputStream();
                assertThatThrownBy(() -> body.transferTo(read)).isInstanceOf(IOException.class);
                assertThat(read.toString(StandardCharsets.UTF_8)).doesNotContain("\"end\":true");
            } finally {
                database.execute("ALTER TABLE audit_event_away RENAME TO audit_event");
            }
        }
    }
}
