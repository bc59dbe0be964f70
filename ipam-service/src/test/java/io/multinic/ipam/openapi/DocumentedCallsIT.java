package io.multinic.ipam.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestService;
import io.multinic.ipam.support.TestTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Conformance of `docs/rest-ipam.md`: its examples run unchanged, and its tables agree with the OpenAPI document.
class DocumentedCallsIT {
    /// A time after all observations in the examples.
    private static final Instant NOW = Instant.parse("2026-11-24T09:00:00Z");

    private static final String WHERE = "localhost:8080";
    private static final Pattern BLOCK = Pattern.compile("^```(\\w+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern BODY_OF_NETWORK =
            Pattern.compile("-X PUT localhost:8080/api/v1/networks/\\S+ [^']*'[^']*' -d '([^']*)'");
    private static final Pattern OPERATION =
            Pattern.compile("`(GET|PUT|POST|DELETE) (/[^`?]*)(?:\\?([^`]*))?`(?: ([A-Z]\\w+))?");
    private static final Pattern STATUS = Pattern.compile("\\b([2-5]\\d\\d)\\b");
    private static final Pattern CALL = Pattern.compile("^called (\\d+) (\\S+) (\\S+)$", Pattern.MULTILINE);

    private static final TestTokens TOKENS = TestTokens.ec();
    private static String page;
    private static String token;
    private static TestService service;
    private static JsonNode paths;

    @BeforeAll
    static void start() throws IOException {
        page = Files.readString(Path.of("../docs/rest-ipam.md"));
        Path keys = Files.createTempDirectory(Path.of("target"), "keys").resolve("keys.pem");
        Files.writeString(keys, TOKENS.pem());
        service = TestService.at(
                () -> NOW,
                TestPostgres.newDatabase(),
                "--multi-nic.ipam.security.keys=" + keys,
                "--multi-nic.ipam.security.roles.admin=" + TestTokens.ADMIN);
        token = TOKENS.of(
                TestTokens.ADMIN,
                claims -> claims.issueTime(Date.from(NOW))
                        .notBeforeTime(Date.from(NOW))
                        .expirationTime(Date.from(NOW.plusSeconds(3600))));
        paths = admin().get("/api/v1/openapi").json().path("paths");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static Rest admin() {
        return service.rest().with(token);
    }

    // ---- the examples ---------------------------------------------------------------------------------------------

    @Test
    void documentedExamplesSucceed() throws IOException, InterruptedException {
        Path directory =
                Files.createTempDirectory(Path.of("target"), "examples").toAbsolutePath();
        var body = BODY_OF_NETWORK.matcher(page);
        assertThat(body.find()).as("an example that defines a network").isTrue();
        Files.writeString(directory.resolve("network.json"), body.group(1));
        // Redirects the examples to the service, adds the token, and prints the status of each call.
        Files.writeString(directory.resolve(".curlrc"), """
                header = "Authorization: Bearer %s"
                connect-to = "%s:127.0.0.1:%d"
                noproxy = "*"
                silent
                show-error
                write-out = "%%{stderr}called %%{http_code} %%{method} %%{url}\\n"
                """.formatted(token, WHERE, service.port()));
        List<String> examples =
                blocks("sh").stream().filter(block -> block.contains(WHERE)).toList();
        assertThat(examples).hasSizeGreaterThan(5);
        int calls = 0;
        for (String example : examples) {
            calls += run(directory, example);
            if (calls == 2) {
                podHolds("192.168.0.4"); // agents report held addresses; no example acts as an agent
            }
        }
        assertThat(calls).isEqualTo(page.split("curl [^`\n]*" + WHERE, -1).length - 1);
        assertThat(directory.resolve("november.csv")).content().contains("192.168.0.4");
        assertThat(examplesElsewhere()).as("examples that are not run").hasSize(1);
    }

    /// Runs an example and returns its number of calls; each one must succeed.
    private static int run(Path directory, String example) throws IOException, InterruptedException {
        Path answers = directory.resolve("answers");
        Path errors = directory.resolve("errors");
        var bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", example)
                .directory(directory.toFile())
                .redirectOutput(answers.toFile())
                .redirectError(errors.toFile());
        bash.environment().put("CURL_HOME", directory.toString());
        Process process = bash.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(example).isTrue();
        String what = example + Files.readString(errors) + Files.readString(answers);
        assertThat(process.exitValue()).as(what).isZero();
        List<MatchResult> calls =
                CALL.matcher(Files.readString(errors)).results().toList();
        assertThat(calls)
                .as(what)
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.group(1))
                        .as("%s %s: %s", call.group(2), call.group(3), what)
                        .startsWith("2"));
        return calls.size();
    }

    private static void podHolds(String address) {
        String uid = admin().get("/api/v1/nodes/node1").json().path("nodeUid").asString();
        var session = admin().post("/api/v1/nodes/node1/session", new SessionRequest(uid, "s", 0L, List.of()))
                .as(SessionGrant.class);
        var event = new LedgerEvent(
                1,
                LedgerEvent.Type.ALLOCATED,
                Instant.parse("2026-11-24T07:00:00Z"),
                Samples.allocation("multi-nic-sample", address, "a"));
        Map<String, Object> batch = Map.of("nodeUid", uid, "epoch", session.epoch(), "events", List.of(event));
        assertThat(admin().post("/api/v1/nodes/node1/ledger", batch).status()).isEqualTo(200);
    }

    /// The example that requests a token from a cluster.
    private static List<String> examplesElsewhere() {
        return blocks("sh").stream().filter(block -> !block.contains(WHERE)).toList();
    }

    private static List<String> blocks(String language) {
        return BLOCK.matcher(page)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    @Test
    void shownAnswersMatchTheirRecords() {
        var shown = Pattern.compile(
                        "\\b([A-Z][a-z]+[A-Z]\\w+)\\b[^\n]*(?:\n[^\n]+)*\n\n```json\n(.*?)```", Pattern.DOTALL)
                .matcher(page)
                .results()
                .toList();
        assertThat(shown).hasSameSizeAs(blocks("json")).isNotEmpty();
        JsonMapper strict = service.bean(JsonMapper.class);
        for (MatchResult one : shown) {
            assertThat(strict.readValue(one.group(2), record(one.group(1))))
                    .as(one.group())
                    .isNotNull();
        }
    }

    private static Class<?> record(String name) {
        try {
            return Class.forName("io.multinic.contract.wire." + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("the page shows a " + name + ", which the contract does not have", e);
        }
    }

    // ---- the tables -----------------------------------------------------------------------------------------------

    private record Mention(String operation, Set<String> parameters, String body, String line) {}

    /// All mentions of operations in the text.
    private static List<Mention> mentions(String text) {
        return text.lines()
                .flatMap(line -> OPERATION
                        .matcher(line)
                        .results()
                        .map(found -> new Mention(
                                found.group(1) + " /api/v1" + found.group(2),
                                parameters(found.group(3)),
                                found.group(4) == null ? "" : found.group(4),
                                line)))
                .toList();
    }

    private static Set<String> parameters(String query) {
        return query == null
                ? Set.of()
                : List.of(query.split("&", -1)).stream()
                        .map(pair -> pair.replaceFirst("=.*", ""))
                        .collect(Collectors.toSet());
    }

    private static Map<String, JsonNode> operations() {
        Map<String, JsonNode> operations = new TreeMap<>();
        for (var path : paths.properties()) {
            for (var method : path.getValue().properties()) {
                operations.put(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), method.getValue());
            }
        }
        return operations;
    }

    private static Set<String> parameters(JsonNode operation) {
        var names = new TreeSet<String>();
        for (JsonNode parameter : operation.path("parameters")) {
            if (parameter.path("in").asString().equals("query")) {
                names.add(parameter.path("name").asString());
            }
        }
        return names;
    }

    @Test
    void pageListsEveryOperationWithItsParameters() {
        Map<String, Set<String>> described = new TreeMap<>();
        mentions(page)
                .forEach(mention -> described
                        .computeIfAbsent(mention.operation(), operation -> new TreeSet<>())
                        .addAll(mention.parameters()));
        // The page describes this parameter once for all of them.
        mentions(sectionOf("## Audit"))
                .forEach(mention -> described.get(mention.operation()).add("format"));
        Map<String, Set<String>> documented = new TreeMap<>();
        operations().forEach((name, operation) -> documented.put(name, parameters(operation)));
        assertThat(described).isEqualTo(documented);
    }

    private static String sectionOf(String heading) {
        int from = page.indexOf("\n" + heading + "\n");
        int to = page.indexOf("\n## ", from + 1);
        return to < 0 ? page.substring(from) : page.substring(from, to);
    }

    @Test
    void documentedBodiesAreThoseOfTheOpenApiDocument() {
        var described = new TreeMap<String, String>();
        mentions(page).stream()
                .filter(mention -> !mention.body().isEmpty())
                .forEach(mention -> described.put(mention.operation(), mention.body()));
        var documented = new TreeMap<String, String>();
        operations().forEach((name, operation) -> {
            JsonNode content = operation.path("requestBody").path("content").path("application/json");
            String schema = content.path("schema").path("$ref").asString("");
            if (!schema.isEmpty()) {
                documented.put(name, schema.replaceFirst(".*/", ""));
            }
        });
        assertThat(described).isEqualTo(documented);
    }

    /// Checks the table rows about one operation.
    @Test
    void documentedAnswersAreThoseOfTheOpenApiDocument() {
        var faults = new ArrayList<String>();
        int seen = 0;
        for (Mention mention : mentions(page)) {
            if (!mention.line().startsWith("| `") || mentions(mention.line()).size() > 1) {
                continue;
            }
            seen++;
            String answers = mention.line().substring(mention.line().indexOf('|', 1));
            JsonNode responses = operations().get(mention.operation()).path("responses");
            STATUS.matcher(answers)
                    .results()
                    .map(MatchResult::group)
                    .filter(status -> responses.path(status).isMissingNode())
                    .forEach(status -> faults.add(mention.operation() + " does not answer " + status));
            codes(answers).stream()
                    .filter(code -> !codes(responses.toString()).contains(code))
                    .forEach(code -> faults.add(mention.operation() + " does not refuse with " + code));
        }
        assertThat(faults).isEmpty();
        assertThat(seen).isGreaterThan(15);
    }

    @Test
    void documentedErrorsAreThoseOfTheOpenApiDocument() {
        Map<String, Set<ErrorCode>> described = new TreeMap<>();
        Pattern.compile("^\\| ([0-9, ]+) \\|(.*)$", Pattern.MULTILINE)
                .matcher(sectionOf("## Errors"))
                .results()
                .forEach(row -> List.of(row.group(1).split(", ", -1))
                        .forEach(status -> described.put(status, codes(row.group(2)))));
        assertThat(described.remove("405"))
                .as("requests that match no operation")
                .containsExactly(ErrorCode.INVALID_REQUEST);
        Map<String, Set<ErrorCode>> documented = new TreeMap<>();
        operations()
                .values()
                .forEach(operation -> operation.path("responses").properties().stream()
                        .filter(response -> response.getKey().compareTo("400") >= 0)
                        .forEach(response -> documented
                                .computeIfAbsent(response.getKey(), status -> new TreeSet<>())
                                .addAll(codes(
                                        response.getValue().path("description").asString()))));
        assertThat(described).isEqualTo(documented);
    }

    /// The error codes in the text.
    private static Set<ErrorCode> codes(String text) {
        var tokens = new HashSet<>(List.of(text.split("\\W+", -1)));
        return Stream.of(ErrorCode.values())
                .filter(code -> tokens.contains(code.name()))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
