package io.multinic.controller.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.controller.metrics.ControllerMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.health.contributor.Status;

class HttpIpamClientIT {
    private static final NetworkDefinition NETWORK = new NetworkDefinition(
            "net",
            List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd00::/64")),
            List.of(Cidr.parse("10.0.1.0/24")),
            2,
            8,
            List.of(Cidr.parse("192.168.0.0/28")),
            true);
    private static final NodeInventory NODE =
            new NodeInventory("uid-1", List.of(new Nic("eth1", List.of(PrefixedAddress.parse("10.0.1.5/24")))));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FakeIpamServer server = new FakeIpamServer();
    private final IpamClient client = client(server.uri());

    @AfterEach
    void close() {
        server.close();
        assertThat(server.violations()).isEmpty();
    }

    @Test
    void networkIsPutReadAndDeletedUnchanged() {
        assertThat(client.network("net")).isEmpty();
        assertThat(client.putNetwork(NETWORK).network()).isEqualTo(NETWORK);
        assertThat(client.network("net").orElseThrow().network()).isEqualTo(NETWORK);
        client.deleteNetwork("net");
        client.deleteNetwork("net");
        assertThat(client.network("net")).isEmpty();
    }

    @Test
    void nodeIsPutReadAndRetiredByItsUid() {
        client.putNode("node-a", NODE);
        assertThat(client.node("node-a").orElseThrow().nics()).isEqualTo(NODE.nics());
        assertThat(client.nodes())
                .singleElement()
                .satisfies(node -> assertThat(node.nodeUid()).isEqualTo("uid-1"));
        client.retireNode("node-a", "another", false);
        assertThat(client.node("node-a")).isPresent();
        client.retireNode("node-a", "uid-1", false);
        client.retireNode("node-a", "uid-1", true);
        assertThat(client.node("node-a")).isEmpty();
    }

    @Test
    void refusalKeepsItsCodeAndReason() {
        client.putNetwork(NETWORK);
        server.hold("net");
        assertRefused(() -> client.deleteNetwork("net"), ErrorCode.IN_USE, "in use on nodes node-a");
    }

    @Test
    void refusedTokenIsReportedAndTheRenewedOneIsUsed(@TempDir Path directory) throws IOException {
        Path token = directory.resolve("token");
        var metrics = new ControllerMetrics(meters);
        var ours = new HttpIpamClient(
                server.uri(), new Credentials(token, null), Duration.ofSeconds(1), Duration.ofSeconds(5), metrics);
        var health = new IpamHealthIndicator(ours);
        server.requireToken("second");
        assertRefused(() -> ours.network("net"), ErrorCode.TRY_AGAIN_LATER, "token file " + token);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);

        Files.writeString(token, "first");
        assertRefused(() -> ours.network("net"), ErrorCode.TRY_AGAIN_LATER, "with 401: by the fake");
        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(health.health().getDetails()).containsEntry("tokenRefused", "by the fake");

        Files.writeString(token, "second");
        assertThat(ours.network("net")).isEmpty();
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void failedConnectionIsTransient() {
        server.down();
        assertRefused(() -> client.network("net"), ErrorCode.TRY_AGAIN_LATER, server.uri() + " does not answer");
        assertThat(meters.get("multi_nic_controller_ipam_requests")
                        .tag("outcome", "unavailable")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    record Answer(String name, int status, String body, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Answer> answersOfOthersAndFailures() {
        return List.of(
                new Answer("404 of a proxy", 404, "<html>not found</html>", "is multi-nic.controller.ipam-url right?"),
                new Answer("404 without a code", 404, "{\"status\":404,\"path\":\"/api\"}", "with 404"),
                new Answer("unknown code", 409, "{\"code\":\"NEW_CODE\",\"detail\":\"x\"}", "with 409: x"),
                new Answer(
                        "its database is down",
                        503,
                        "{\"code\":\"TRY_AGAIN_LATER\",\"detail\":\"no database\"}",
                        "no database"),
                new Answer("its fault", 500, "{\"code\":\"INTERNAL\",\"detail\":\"a fault\"}", "with 500: a fault"),
                new Answer("a page instead of JSON", 200, "<html>hello</html>", "does not answer"),
                new Answer("half an answer", 200, "{\"network\":", "does not answer"));
    }

    @ParameterizedTest
    @MethodSource("answersOfOthersAndFailures")
    void answerWithoutACodeOfIpamIsTransient(Answer answer) throws IOException {
        try (var other = new OneAnswer(answer)) {
            var probe = client(other.uri());
            assertRefused(() -> probe.network("net"), ErrorCode.TRY_AGAIN_LATER, answer.message());
            if (answer.status() != 200) {
                assertRefused(() -> probe.deleteNetwork("net"), ErrorCode.TRY_AGAIN_LATER, answer.message());
                assertRefused(() -> probe.retireNode("a", "u", false), ErrorCode.TRY_AGAIN_LATER, answer.message());
            }
        }
    }

    @Test
    void requestWithoutAnswerEndsAtTheDeadline() throws IOException {
        var never = new CountDownLatch(1);
        try (var hanging = new OneAnswer(new Answer("hangs", 200, "{}", ""), never)) {
            var impatient = new HttpIpamClient(
                    hanging.uri(),
                    Credentials.none(),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(200),
                    new ControllerMetrics(meters));
            assertRefused(() -> impatient.network("net"), ErrorCode.TRY_AGAIN_LATER, "does not answer");
            never.countDown();
        }
    }

    private IpamClient client(URI uri) {
        return new HttpIpamClient(
                uri, Credentials.none(), Duration.ofSeconds(1), Duration.ofSeconds(5), new ControllerMetrics(meters));
    }

    private static void assertRefused(Runnable call, ErrorCode code, String message) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(MultiNicException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains(message);
        });
    }

    /// HTTP server with one answer for all requests.
    private static final class OneAnswer implements AutoCloseable {
        private final HttpServer http;

        OneAnswer(Answer answer) throws IOException {
            this(answer, new CountDownLatch(0));
        }

        OneAnswer(Answer answer, CountDownLatch gate) throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.createContext("/", exchange -> {
                try (exchange) {
                    gate.await();
                    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders()
                            .set("Content-Type", answer.body().startsWith("<") ? "text/html" : "application/json");
                    exchange.sendResponseHeaders(answer.status(), body.length);
                    exchange.getResponseBody().write(body);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            http.start();
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }
}
