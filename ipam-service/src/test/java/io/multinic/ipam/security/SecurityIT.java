package io.multinic.ipam.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestCa;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestService;
import io.multinic.ipam.support.TestTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Authentication and authorization, with TLS and a directory of public keys.
class SecurityIT {
    private static final TestTokens TOKENS = TestTokens.ec();
    private static final TestTokens RSA = TestTokens.rsa();

    @TempDir
    private static Path directory;

    private static TestPostgres.Database database;
    private static TestService service;
    private static Rest rest;

    @BeforeAll
    static void start() throws IOException {
        var ca = new TestCa(directory.resolve("ca"));
        ca.issue(directory);
        Path keys = Files.createDirectory(directory.resolve("keys"));
        Files.writeString(keys.resolve("ec.pem"), TOKENS.pem());
        Files.writeString(keys.resolve("rsa.pem"), RSA.pem());
        Files.writeString(keys.resolve("README"), "not a key");
        database = TestPostgres.newDatabase();
        service = TestService.on(
                database,
                "--spring.ssl.bundle.pem.ipam.keystore.certificate=" + directory.resolve("tls.crt"),
                "--spring.ssl.bundle.pem.ipam.keystore.private-key=" + directory.resolve("tls.key"),
                "--spring.ssl.bundle.watch.file.quiet-period=50ms",
                "--multi-nic.ipam.security.keys=" + keys,
                "--multi-nic.ipam.security.issuer=" + TestTokens.ISSUER,
                "--multi-nic.ipam.security.roles.controller=" + TestTokens.CONTROLLER,
                "--multi-nic.ipam.security.roles.agent=" + TestTokens.AGENT,
                "--multi-nic.ipam.security.roles.reader=" + TestTokens.READER,
                "--multi-nic.ipam.security.roles.admin=" + TestTokens.ADMIN);
        rest = service.rest().over(new Credentials(null, ca.certificate()).tls());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void twoNodes() throws Exception {
        database.clear();
        Rest controller = rest.with(TOKENS.of(TestTokens.CONTROLLER));
        assertThat(controller
                        .put("/api/v1/networks/net", Samples.network("net"))
                        .status())
                .isEqualTo(200);
        assertThat(controller.put("/api/v1/nodes/node1", Samples.node(1)).status())
                .isEqualTo(204);
        assertThat(controller.put("/api/v1/nodes/node2", Samples.node(2)).status())
                .isEqualTo(204);
    }

    private static void assertUnauthenticated(Rest.Answer answer, String says) {
        assertThat(answer.status()).as(answer.detail()).isEqualTo(401);
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
        assertThat(answer.code()).isEqualTo("NOT_AUTHENTICATED");
        assertThat(answer.detail()).contains(says);
        assertThat(answer.response().headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
    }

    private static void assertNotAllowed(Rest.Answer answer, String says) {
        assertThat(answer.status()).as(answer.detail()).isEqualTo(403);
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
        assertThat(answer.code()).isEqualTo("NOT_ALLOWED");
        assertThat(answer.detail()).contains(says);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/networks",
                "/api/v1/nodes/node1/plan",
                "/api/v1/openapi",
                "/api/v1/docs",
                "/api/v1/swagger-ui/index.html",
                "/swagger-ui/index.html",
                "/actuator",
                "/actuator/prometheus",
                "/actuator/info",
                "/error",
                "/.well-known/oauth-protected-resource",
                "/login",
                "/nothing"
            })
    void onlyHealthIsServedWithoutToken(String path) {
        assertUnauthenticated(
                rest.get(path), "send `Authorization: Bearer TOKEN` with one for audience multi-nic-ipam");
        for (String health : List.of("", "/liveness", "/readiness")) {
            assertThat(rest.get("/actuator/health" + health).status()).isEqualTo(200);
        }
        assertThat(rest.get("/actuator/health").json().propertyNames())
                .as("health shows no details")
                .containsOnly("status", "groups");
    }

    record BadToken(String name, String token, String says) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<BadToken> badTokens() throws JOSEException {
        var now = Instant.now();
        var hs256 = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256),
                TestTokens.claims(TestTokens.ADMIN).build());
        // Key confusion: the public key used as the HMAC secret.
        hs256.sign(new MACSigner(TOKENS.pem().getBytes(StandardCharsets.UTF_8)));
        String good = TOKENS.of(TestTokens.ADMIN);
        String signed = good.substring(0, good.lastIndexOf('.'));
        String signature = good.substring(good.lastIndexOf('.'));
        String other = TOKENS.of(TestTokens.READER);
        return List.of(
                new BadToken("no JWT", "abc", "not a JWT that is signed"),
                new BadToken("empty parts", "..", "not a JWT that is signed"),
                new BadToken(
                        "alg none",
                        new PlainJWT(TestTokens.claims(TestTokens.ADMIN).build()).serialize(),
                        "not a JWT that is signed"),
                new BadToken("HS256", hs256.serialize(), "not a JWT that is signed"),
                new BadToken("ES384", TestTokens.ec(Curve.P_384).of(TestTokens.ADMIN), "not a JWT that is signed"),
                new BadToken(
                        "unknown key", TestTokens.ec().of(TestTokens.ADMIN), "with a key that ipam-service trusts"),
                new BadToken(
                        "signature of another token",
                        other.substring(0, other.lastIndexOf('.')) + signature,
                        "with a key that ipam-service trusts"),
                new BadToken("no signature", signed + ".", "not a JWT that is signed"),
                new BadToken(
                        "wrong audience",
                        TOKENS.of(TestTokens.ADMIN, claims -> claims.audience("https://kubernetes.default.svc")),
                        "is for audience https://kubernetes.default.svc; ask for one for multi-nic-ipam"),
                new BadToken(
                        "no audience",
                        TOKENS.of(TestTokens.ADMIN, claims -> claims.audience((String) null)),
                        "is for audience none"),
                new BadToken(
                        "wrong issuer",
                        TOKENS.of(TestTokens.ADMIN, claims -> claims.issuer("https://elsewhere")),
                        "is from issuer https://elsewhere; ipam-service takes those of " + TestTokens.ISSUER),
                new BadToken(
                        "no issuer", TOKENS.of(TestTokens.ADMIN, claims -> claims.issuer(null)), "is from issuer null"),
                new BadToken(
                        "expired",
                        TOKENS.of(
                                TestTokens.ADMIN,
                                claims -> claims.issueTime(Date.from(now.minus(Duration.ofHours(1))))
                                        .expirationTime(Date.from(now.minus(Duration.ofMinutes(2))))),
                        "expired at"),
                new BadToken(
                        "no expiry",
                        TOKENS.of(TestTokens.ADMIN, claims -> claims.expirationTime(null)),
                        "has no expiry"),
                new BadToken(
                        "not yet",
                        TOKENS.of(
                                TestTokens.ADMIN,
                                claims -> claims.notBeforeTime(Date.from(now.plus(Duration.ofMinutes(2))))),
                        "counts from"),
                new BadToken(
                        "no subject", TOKENS.of(TestTokens.ADMIN, claims -> claims.subject(null)), "names no subject"));
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void invalidTokenIsRefusedAndNotEchoed(BadToken bad) {
        Rest.Answer answer = rest.with(bad.token()).get("/api/v1/networks");
        assertUnauthenticated(answer, bad.says());
        assertThat(answer.response().body()).doesNotContain(bad.token());
    }

    @Test
    void tokensOfEcAndRsaKeysAreAccepted() {
        for (TestTokens tokens : List.of(TOKENS, RSA)) {
            assertThat(rest.with(tokens.of(TestTokens.READER))
                            .get("/api/v1/networks")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void otherSchemesThanBearerAreRefused() {
        assertThat(rest.with("a b").get("/api/v1/networks").status()).isEqualTo(401);
    }

    @Test
    void clockSkewIsTolerated() {
        var late = Date.from(Instant.now().minusSeconds(10));
        var early = Date.from(Instant.now().plusSeconds(10));
        assertThat(rest.with(TOKENS.of(
                                TestTokens.READER,
                                claims -> claims.issueTime(Date.from(Instant.EPOCH))
                                        .expirationTime(late)))
                        .get("/api/v1/networks")
                        .status())
                .isEqualTo(200);
        assertThat(rest.with(TOKENS.of(TestTokens.READER, claims -> claims.notBeforeTime(early)))
                        .get("/api/v1/networks")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void agentActsForItsOwnNodeOnly() {
        Rest agent = rest.with(TOKENS.agent("node1"));
        assertThat(agent.get("/api/v1/nodes/node1/plan").as(NodePlan.class).node())
                .isEqualTo("node1");
        assertThat(agent.get("/api/v1/nodes/node1").status()).isEqualTo(200);
        for (Rest.Answer answer : List.of(
                agent.get("/api/v1/nodes/node2/plan"),
                agent.get("/api/v1/nodes/node2"),
                agent.post("/api/v1/nodes/node2/session", "{}"),
                agent.post("/api/v1/nodes/node2/ledger", "{}"))) {
            assertNotAllowed(answer, "was given out on node node1, and speaks for no other node");
        }
        assertNotAllowed(agent.put("/api/v1/nodes/node1", Samples.node(1)), "needs a token of role admin, controller");
        assertNotAllowed(agent.get("/api/v1/audit"), "needs a token of role admin, reader");
    }

    @Test
    void tokenOfReplacedMachineIsRefused() {
        var session = new SessionRequest("uid-1", "store", 0L, List.of());
        Rest old = rest.with(TOKENS.agent("node1", "uid-0"));
        assertNotAllowed(old.post("/api/v1/nodes/node1/session", session), "UID uid-0, and speaks for no other one");
        assertNotAllowed(old.post("/api/v1/nodes/node1/ledger", Samples.batch(1, 1)), "nodeUid is uid-1");

        Rest own = rest.with(TOKENS.agent("node1", "uid-1"));
        long epoch = own.post("/api/v1/nodes/node1/session", session)
                .as(SessionGrant.class)
                .epoch();
        assertThat(own.post("/api/v1/nodes/node1/ledger", Samples.batch(1, epoch))
                        .status())
                .isEqualTo(200);

        var withoutUid = TOKENS.of(
                TestTokens.AGENT, claims -> claims.claim("kubernetes.io", Map.of("node", Map.of("name", "node1"))));
        assertThat(rest.with(withoutUid)
                        .post("/api/v1/nodes/node1/session", session)
                        .status())
                .isEqualTo(200);
        assertThat(rest.with(TOKENS.of(TestTokens.ADMIN))
                        .post("/api/v1/nodes/node1/session", session)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void agentTokenWithoutNodeIsRefused() {
        assertNotAllowed(
                rest.with(TOKENS.of(TestTokens.AGENT)).get("/api/v1/nodes/node1/plan"), "kubernetes.io.node.name");
        assertNotAllowed(
                rest.with(TOKENS.of(TestTokens.AGENT, claims -> claims.claim("kubernetes.io", Map.of("node", "node1"))))
                        .get("/api/v1/nodes/node1/plan"),
                "kubernetes.io.node.name");
    }

    @Test
    void readerMayNotWriteAndStrangerMayNotRead() {
        Rest reader = rest.with(TOKENS.of(TestTokens.READER));
        assertThat(reader.get("/api/v1/networks").status()).isEqualTo(200);
        assertThat(reader.get("/api/v1/openapi").status()).isEqualTo(200);
        assertThat(reader.get("/actuator/prometheus").status()).isEqualTo(200);
        assertNotAllowed(reader.delete("/api/v1/networks/net"), "needs a token of role admin, controller");
        Rest stranger = rest.with(TOKENS.of("system:serviceaccount:other:default"));
        assertNotAllowed(stranger.get("/api/v1/networks"), "system:serviceaccount:other:default has no role here");
    }

    @Test
    void adminMayDoEverything() {
        Rest admin = rest.with(TOKENS.of(TestTokens.ADMIN));
        assertThat(admin.get("/api/v1/audit").status()).isEqualTo(200);
        assertThat(admin.get("/nothing").status()).isEqualTo(404);
        assertThat(admin.delete("/api/v1/nodes/node2").status()).isEqualTo(204);
    }

    @Test
    void auditNamesTheCaller() {
        rest.with(TOKENS.of(TestTokens.ADMIN)).delete("/api/v1/nodes/node2");
        var events = rest.with(TOKENS.of(TestTokens.READER))
                .get("/api/v1/audit/actions")
                .json()
                .path("items");
        assertThat(events.path(0).path("action").asString()).isEqualTo("NODE_RETIRED");
        assertThat(events.path(0).path("caller").asString()).isEqualTo(TestTokens.ADMIN);
        assertThat(events.path(1).path("caller").asString()).isEqualTo(TestTokens.CONTROLLER);
    }

    @Test
    void openApiDocumentRequiresToken() {
        var document =
                rest.with(TOKENS.of(TestTokens.READER)).get("/api/v1/openapi").json();
        assertThat(document.at("/components/securitySchemes/token/scheme").asString())
                .isEqualTo("bearer");
        assertThat(document.at("/security/0/token").isArray()).isTrue();
        assertThat(document.path("paths").size()).isGreaterThan(8);
        for (JsonNode path : document.path("paths")) {
            for (JsonNode operation : path) {
                assertThat(operation.path("responses").propertyNames()).contains("401", "403");
            }
        }
    }

    @Test
    void refusalsAreCounted() {
        Rest reader = rest.with(TOKENS.of(TestTokens.READER));
        rest.get("/api/v1/networks");
        reader.delete("/api/v1/networks/net");
        assertThat(reader.get("/actuator/prometheus").response().body())
                .containsPattern("multi_nic_ipam_requests_refused_total\\{reason=\"UNAUTHENTICATED\"} [1-9]")
                .containsPattern("multi_nic_ipam_requests_refused_total\\{reason=\"NOT_ALLOWED\"} [1-9]");
    }

    @Test
    void waitingPollIsAnsweredByChange() {
        Rest agent = rest.with(TOKENS.agent("node1"));
        String poll = "/api/v1/nodes/node1/plan/changes";
        var known = agent.get(poll).as(PlanUpdate.class);
        long revision = Objects.requireNonNull(known.plan()).revision();
        String after = "?wait=30&history=" + known.history() + "&after=";
        var waiting = agent.getLater(poll + after + revision);
        rest.with(TOKENS.of(TestTokens.CONTROLLER)).put("/api/v1/nodes/node3", Samples.node(3));
        var answer = waiting.orTimeout(20, TimeUnit.SECONDS).join();
        long next = Objects.requireNonNull(answer.as(PlanUpdate.class).change()).revision();
        assertThat(next).isNotEqualTo(revision);
        var retired = agent.getLater(poll + after + next);
        rest.with(TOKENS.of(TestTokens.ADMIN)).delete("/api/v1/nodes/node1");
        assertThat(retired.orTimeout(20, TimeUnit.SECONDS).join().code())
                .as("an error after the wait is problem+json")
                .isEqualTo("NODE_UNKNOWN");
    }

    @Test
    void keyIsTrustedFromItsAppearanceUntilItsRemoval() throws IOException {
        var next = TestTokens.ec();
        Rest reader = rest.with(next.of(TestTokens.READER));
        assertThat(reader.get("/api/v1/networks").status()).isEqualTo(401);
        Path file = directory.resolve("keys/next.pem");
        Files.writeString(file, next.pem());
        assertThat(reader.get("/api/v1/networks").status()).isEqualTo(200);
        Files.delete(file);
        assertThat(reader.get("/api/v1/networks").status()).isEqualTo(401);
    }

    @Test
    void unreadableKeyFileIsAnsweredWithTryAgain() throws IOException {
        Path file = directory.resolve("keys/broken.pem");
        Files.writeString(file, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
        try {
            Rest.Answer answer = rest.with(TOKENS.of(TestTokens.READER)).get("/api/v1/networks");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.code()).isEqualTo("TRY_AGAIN_LATER");
            assertThat(answer.response().headers().firstValue("Retry-After")).isPresent();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void malformedPathIsAProblem() {
        Rest.Answer answer = rest.with(TOKENS.of(TestTokens.ADMIN)).get("/api/v1//networks");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
        assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
    }
}
