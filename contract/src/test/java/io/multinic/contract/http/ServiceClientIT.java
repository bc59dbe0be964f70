package io.multinic.contract.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.http.ServiceClient.Limits;
import io.multinic.contract.http.ServiceClient.Peer;
import io.multinic.contract.http.ServiceClient.TokenListener;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.trust.TestCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Tests the policy of [ServiceClient] against HTTP servers on this machine.
class ServiceClientIT {
    private static final Limits ONCE = Limits.once(Duration.ofSeconds(2), Duration.ofSeconds(5), 1000);
    private static final Limits RETRYING = ONCE.retrying(4, Duration.ofMillis(5), Duration.ofSeconds(2));
    private static final ServiceRequest GET = ServiceRequest.get("/things/{name}", "a");

    private static final JsonCodec JSON = new JsonCodec() {
        @Override
        public byte[] write(Object value) {
            return JsonMapper.shared().writeValueAsBytes(value);
        }

        @Override
        public <T> T read(byte[] json, Class<T> type) throws IOException {
            try {
                return JsonMapper.shared().readValue(json, type);
            } catch (JacksonException e) {
                throw new IOException(e.getOriginalMessage(), e);
            }
        }

        @Override
        public <T> T read(InputStream json, Class<T> type) throws IOException {
            try {
                return JsonMapper.shared().readValue(json, type);
            } catch (JacksonException e) {
                throw new IOException(e.getOriginalMessage(), e);
            }
        }
    };

    record Thing(String name) {}

    record Reply(String name, int status, String body, String retryAfter) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Reply THING = new Reply("a thing", 200, "{\"name\":\"a\"}", "");
    private static final Reply BUSY = new Reply("busy", 503, "{\"code\":\"TRY_AGAIN_LATER\",\"detail\":\"busy\"}", "");

    private record Received(String method, String path, String token, String body) {}

    private final Queue<Reply> replies = new ArrayDeque<>();
    private final List<Received> received = Collections.synchronizedList(new ArrayList<>());
    private final List<String> tokenEvents = new ArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private HttpServer server;
    private URI base;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String token = exchange.getRequestHeaders().getFirst("Authorization");
                received.add(new Received(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        token == null ? "" : token,
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
                Reply reply = replies.size() > 1 ? replies.remove() : replies.element();
                if (!reply.retryAfter().isEmpty()) {
                    exchange.getResponseHeaders().set("Retry-After", reply.retryAfter());
                }
                byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
                if (body.length > 0) {
                    exchange.getResponseBody().write(body);
                }
            }
        });
        server.start();
        base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        server.stop(0);
    }

    private ServiceClient client(URI at, Credentials credentials, Limits limits) {
        var client = new ServiceClient(
                new Peer("thing-service", at, "things.url"), credentials, JSON, limits, new TokenListener() {
                    @Override
                    public void refused(int status, String reason) {
                        tokenEvents.add(status + " " + reason);
                    }

                    @Override
                    public void accepted() {
                        tokenEvents.add("accepted");
                    }
                });
        opened.add(client);
        return client;
    }

    private ServiceClient client(Limits limits) {
        return client(base, Credentials.none(), limits);
    }

    private void reply(Reply... next) {
        replies.clear();
        replies.addAll(List.of(next));
    }

    private static ServiceException failure(ServiceClient client, ServiceRequest request) {
        return catchThrowableOfType(ServiceException.class, () -> client.fetch(Thing.class, request));
    }

    @Test
    void requestCarriesMethodPathAndBodyAndTheAnswerIsRead() throws InterruptedException {
        reply(THING);
        var client = client(ONCE);
        assertThat(client.fetch(Thing.class, ServiceRequest.put(new Thing("b"), "/things/{name}?x={x}", "b c", "1&2")))
                .isEqualTo(new Thing("a"));
        assertThat(received).containsExactly(new Received("PUT", "/things/b%20c?x=1%262", "", "{\"name\":\"b\"}"));
        reply(new Reply("nothing", 204, "", ""));
        assertThat(client.send(ServiceRequest.delete("/things/{name}", "a")).status())
                .isEqualTo(204);
    }

    @Test
    void pathOfTheBaseAddressIsKept() throws InterruptedException {
        reply(THING);
        client(base.resolve("/below/"), Credentials.none(), ONCE).send(GET);
        assertThat(received).extracting(Received::path).containsExactly("/below/things/a");
    }

    @Test
    void addressThatIsNoUrlIsRejectedWithItsSetting() {
        assertThatThrownBy(() -> new Peer("thing-service", URI.create("things:8443"), "things.url"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("things.url is things:8443, and not a URL like https://host:8443");
    }

    @Test
    void refusalKeepsCodeStatusAndDetail() {
        reply(new Reply("in use", 409, "{\"code\":\"IN_USE\",\"title\":\"Conflict\",\"detail\":\"in use on a\"}", ""));
        ServiceException e = failure(client(RETRYING), GET);
        assertThat(e.code()).isEqualTo(ErrorCode.IN_USE);
        assertThat(e.status()).isEqualTo(409);
        assertThat(e.detail()).contains("in use on a");
        assertThat(e.outcomeUnknown()).isFalse();
        assertThat(e).hasMessage("thing-service at " + base + " answered GET /things/a with 409: in use on a");
        assertThat(received).as("a refusal is not repeated").hasSize(1);
    }

    @Test
    void onlyTheServicesOwnCodeIsAnEmptyResult() throws InterruptedException {
        var client = client(ONCE);
        reply(new Reply("unknown", 404, "{\"code\":\"NODE_UNKNOWN\"}", ""));
        assertThat(client.find(ErrorCode.NODE_UNKNOWN, Thing.class, GET)).isEmpty();
        reply(new Reply("other code", 404, "{\"code\":\"NETWORK_UNKNOWN\"}", ""));
        assertThatThrownBy(() -> client.find(ErrorCode.NODE_UNKNOWN, Thing.class, GET))
                .isInstanceOf(ServiceException.class);
        reply(THING);
        assertThat(client.find(ErrorCode.NODE_UNKNOWN, Thing.class, GET)).contains(new Thing("a"));
    }

    static List<Reply> repliesOfOthers() {
        return List.of(
                new Reply("404 of a proxy", 404, "<html>not found</html>", ""),
                new Reply("404 without a code", 404, "{\"status\":404}", ""),
                new Reply("unknown code", 409, "{\"code\":\"NEW_CODE\",\"detail\":\"x\"}", ""),
                new Reply("code as a number", 404, "{\"kind\":\"Status\",\"code\":404}", ""),
                new Reply("error without a body", 500, "", ""),
                new Reply("JSON null", 500, "null", ""),
                new Reply("redirect", 302, "", ""));
    }

    @ParameterizedTest
    @MethodSource("repliesOfOthers")
    void errorWithoutAKnownCodeIsTransientAndNamesTheSetting(Reply reply) {
        reply(reply);
        ServiceException e = failure(client(ONCE), GET);
        assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
        assertThat(e)
                .hasMessageStartingWith("thing-service at " + base + " answered GET /things/a with " + reply.status())
                .hasMessageEndingWith("; is things.url right?");
    }

    @Test
    void shownPartOfAnUnknownErrorPageIsBounded() {
        reply(new Reply("page", 502, "x".repeat(900), ""));
        assertThat(failure(client(ONCE), GET).getMessage())
                .contains("x".repeat(200))
                .doesNotContain("x".repeat(201));
    }

    @Test
    void answerOfAnotherFormIsTransientAndNotRepeated() {
        for (String body : List.of("<html>hello</html>", "{\"name\":", "null", "[]")) {
            received.clear();
            reply(new Reply("other", 200, body, ""));
            ServiceException e = failure(client(RETRYING), GET);
            assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
            assertThat(e).hasMessageContaining("does not answer GET /things/a: unreadable answer: ");
            assertThat(received).hasSize(1);
        }
    }

    @Test
    void transientErrorIsRepeatedUntilAnAnswerComes() throws InterruptedException {
        reply(BUSY, BUSY, THING);
        assertThat(client(RETRYING).fetch(Thing.class, GET)).isEqualTo(new Thing("a"));
        assertThat(received).hasSize(3);
    }

    @Test
    void attemptsAreBounded() {
        reply(BUSY);
        assertThat(failure(client(RETRYING), GET)).hasMessageContaining("with 503: busy");
        assertThat(received).hasSize(4);
    }

    @Test
    void clientWithOneAttemptReportsTheFirstFailure() {
        reply(BUSY, THING);
        assertThat(failure(client(ONCE), GET).code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
        assertThat(received).hasSize(1);
    }

    @Test
    void postThatReachedTheServiceIsNotRepeated() {
        reply(BUSY, THING);
        assertThat(failure(client(RETRYING), ServiceRequest.post(new Thing("b"), "/things")))
                .hasMessageContaining("with 503");
        assertThat(received).hasSize(1);
    }

    @Test
    void nextAttemptWaitsAsLongAsRetryAfterAsks() throws InterruptedException {
        reply(new Reply("busy", 503, BUSY.body(), "1"), THING);
        long start = System.nanoTime();
        client(RETRYING).send(GET);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void retryAfterBeyondTheLongestWaitIsReportedAtOnce() {
        reply(new Reply("busy", 503, BUSY.body(), "3600"), THING);
        ServiceException e = failure(client(RETRYING), GET);
        assertThat(e.retryAfter()).contains(Duration.ofHours(1));
        assertThat(received).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(ServiceRequest.Method.class)
    void unreachableServiceIsRetriedForEveryMethod(ServiceRequest.Method method) throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var client = client(URI.create("http://127.0.0.1:" + port), Credentials.none(), RETRYING);
        var request = new ServiceRequest(method, "/things", null, Duration.ZERO);
        ServiceException e = failure(client, request);
        assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
        assertThat(e.outcomeUnknown()).isFalse();
        assertThat(e).hasMessageContaining("does not answer " + method + " /things: no connection: ");

        var patient = client(
                client.base(), Credentials.none(), ONCE.retrying(100, Duration.ofMillis(100), Duration.ofMillis(100)));
        var late = HttpServer.create();
        opened.add(() -> late.stop(0));
        late.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(204, -1);
            }
        });
        Thread starter = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(200);
                late.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
                late.start();
            } catch (IOException | InterruptedException failure) {
                throw new IllegalStateException(failure);
            }
        });
        assertThat(patient.send(request).status()).isEqualTo(204);
        starter.join();
    }

    /// A server whose connections all get the same bytes and are closed then.
    private URI rawServer(String answer, AtomicInteger connections) throws IOException {
        var listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        opened.add(listener);
        Thread.ofVirtual().start(() -> {
            while (!listener.isClosed()) {
                try (Socket connection = listener.accept()) {
                    connections.incrementAndGet();
                    InputStream in = connection.getInputStream();
                    in.readNBytes(1);
                    in.skipNBytes(in.available());
                    connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // the client is done with it
                }
            }
        });
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    @Test
    void truncatedAnswerLeavesTheOutcomeUnknownAndIsRepeatedIfIdempotent() throws IOException {
        var connections = new AtomicInteger();
        URI uri = rawServer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"name\":", connections);
        var client = client(uri, Credentials.none(), RETRYING);
        ServiceException post = failure(client, ServiceRequest.post(new Thing("b"), "/things"));
        assertThat(post.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
        assertThat(post.outcomeUnknown()).isTrue();
        assertThat(connections).hasValue(1);
        assertThat(failure(client, GET).outcomeUnknown()).isTrue();
        assertThat(connections).hasValue(5);
    }

    @Test
    void answerAboveTheLimitIsAnError() {
        reply(new Reply("just right", 200, "{\"name\":\"" + "x".repeat(989) + "\"}", ""));
        assertThat(failure(client(ONCE), GET)).isNull();
        reply(new Reply("too large", 200, "{\"name\":\"" + "x".repeat(990) + "\"}", ""));
        ServiceException e = failure(client(ONCE), GET);
        assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
        assertThat(e).hasMessageContaining("1000");
    }

    @Test
    void deadlineIncludesTheBodyAndTheHoldTimeOfALongPoll() throws Exception {
        var gate = new CountDownLatch(1);
        server.createContext("/slow", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.createContext("/poll", exchange -> {
            try (exchange) {
                Thread.sleep(600);
                exchange.sendResponseHeaders(204, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        var client = client(Limits.once(Duration.ofSeconds(1), Duration.ofMillis(300), 1000));
        assertThat(client.send(ServiceRequest.get("/poll").longPoll(Duration.ofSeconds(5)))
                        .status())
                .isEqualTo(204);
        ServiceException e = failure(client, ServiceRequest.get("/slow"));
        gate.countDown();
        assertThat(e.outcomeUnknown()).isTrue();
        assertThat(e).hasMessageEndingWith("does not answer GET /slow: no answer within PT0.3S");
    }

    @Test
    void streamedAnswerHasALimitOfItsOwn() throws InterruptedException {
        String name = "x".repeat(4_000);
        reply(new Reply("large", 200, "{\"name\":\"" + name + "\"}", ""));
        assertThat(client(ONCE).stream(Thing.class, GET, 5_000)).contains(new Thing(name));
        assertThatThrownBy(() -> client(ONCE).stream(Thing.class, GET, 4_000))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("more than 4000 bytes");
        reply(new Reply("nothing", 204, "", ""));
        assertThat(client(ONCE).stream(Thing.class, GET, 5_000)).isEmpty();
        reply(BUSY);
        assertThatThrownBy(() -> client(ONCE).stream(Thing.class, GET, 5_000))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("busy");
        reply(new Reply("no thing", 200, "null", ""));
        assertThatThrownBy(() -> client(ONCE).stream(Thing.class, GET, 5_000))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("unreadable answer: null");
    }

    @Test
    void deadlineOfAStreamedAnswerIncludesItsBody() throws InterruptedException {
        var gate = new CountDownLatch(1);
        server.createContext("/slow", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        var client = client(Limits.once(Duration.ofSeconds(1), Duration.ofMillis(300), 1000));
        assertThatThrownBy(() -> client.stream(Thing.class, ServiceRequest.get("/slow"), 1000))
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        e -> assertThat(e.outcomeUnknown()).isTrue())
                .hasMessageContaining("does not answer GET /slow");
        gate.countDown();
    }

    @Test
    void interruptedCallerGetsItsInterruption() throws Exception {
        var entered = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        server.createContext("/slow", exchange -> {
            entered.countDown();
            try (exchange) {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        var client = client(RETRYING);
        var caller = new Thread(() -> assertThatThrownBy(() -> client.send(ServiceRequest.get("/slow")))
                .isInstanceOf(InterruptedException.class));
        var failures = Collections.synchronizedMap(new java.util.HashMap<String, Throwable>());
        caller.setUncaughtExceptionHandler((_, e) -> failures.put("caller", e));
        caller.start();
        entered.await();
        caller.interrupt();
        caller.join();
        gate.countDown();
        assertThat(failures).isEqualTo(Map.of());
    }

    @Test
    void renewedTokenIsSentAndARefusalIsReportedOncePerReason(@TempDir Path directory) throws Exception {
        Path token = directory.resolve("token");
        var client = client(base, new Credentials(token, null), RETRYING);
        assertThatThrownBy(() -> client.send(GET))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER))
                .hasMessageContaining("token file " + token);
        assertThat(received).isEmpty();

        Files.writeString(token, "first");
        reply(new Reply("expired", 401, "{\"code\":\"NOT_AUTHENTICATED\",\"detail\":\"expired\"}", ""));
        assertThat(failure(client, GET).code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
        assertThat(failure(client, GET)).hasMessageEndingWith("with 401: expired");
        assertThat(received)
                .extracting(Received::token)
                .as("the same token is not sent again by itself")
                .containsExactly("Bearer first", "Bearer first");
        reply(new Reply("forbidden", 403, "{\"code\":\"NOT_ALLOWED\",\"detail\":\"not yours\"}", ""));
        assertThat(failure(client, GET).code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
        assertThat(client.tokenRefusal()).contains("not yours");
        reply(BUSY);
        failure(client(ONCE), GET);
        assertThat(client.tokenRefusal())
                .as("a busy service has not looked at it")
                .contains("not yours");

        Files.writeString(token, "second");
        reply(THING);
        client.send(GET);
        assertThat(received).last().extracting(Received::token).isEqualTo("Bearer second");
        assertThat(client.tokenRefusal()).isEmpty();
        client.send(GET);
        assertThat(tokenEvents).containsExactly("401 expired", "403 not yours", "accepted");
    }

    @Test
    void refusalOfTheRequestMeansThatTheTokenIsAccepted() {
        var client = client(ONCE);
        reply(new Reply("expired", 401, "{\"code\":\"NOT_AUTHENTICATED\"}", ""));
        failure(client, GET);
        reply(new Reply("unknown", 404, "{\"code\":\"NODE_UNKNOWN\"}", ""));
        failure(client, GET);
        assertThat(tokenEvents).hasSize(2).last().isEqualTo("accepted");
    }

    @Test
    void renewedCaIsUsedForTheNextConnection(@TempDir Path directory) throws Exception {
        try (var certificates = new TestCertificates(directory)) {
            Path first = certificates.ca("first");
            Path second = certificates.ca("second");
            Path trusted = directory.resolve("ca.crt");
            Files.copy(first, trusted);
            URI renewed = certificates.server("second", "127.0.0.1", exchange -> {
                try (exchange) {
                    exchange.sendResponseHeaders(204, -1);
                }
            });
            var client = client(renewed, new Credentials(null, trusted), ONCE);
            ServiceException e = failure(client, GET);
            assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
            assertThat(e).hasMessageContaining(renewed + " does not answer GET /things/a: ");

            TestCertificates.replace(trusted, second);
            assertThat(client.send(GET).status()).isEqualTo(204);
        }
    }
}
