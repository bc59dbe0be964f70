package io.multinic.controller.ipam;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.error.Problem;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.controller.metrics.ControllerMetrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// ipam-service over its REST interface.
///
/// Only an answer that carries one of our error codes is taken for what ipam-service says; a bare 404 of a proxy or a
/// wrong address must not pass for "the network is gone". A refused token is told once, and again when the reason is
/// another one; nothing is wrong with the request then, so it is one to try again.
public final class HttpIpamClient implements IpamClient {
    private static final Logger log = LoggerFactory.getLogger(HttpIpamClient.class);
    private static final int UNREADABLE_ANSWER_SHOWN = 200;

    private final URI base;
    private final RestClient http;
    private final ControllerMetrics metrics;
    private final AtomicReference<@Nullable String> refused = new AtomicReference<>();

    /// @param credentials with what the controller proves itself, and by what it knows ipam-service
    public HttpIpamClient(
            URI base,
            Credentials credentials,
            Duration connectTimeout,
            Duration answerTimeout,
            ControllerMetrics metrics) {
        this.base = base;
        this.metrics = metrics;
        var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connectTimeout)
                .sslContext(credentials.tls())
                .build();
        var requests = new JdkClientHttpRequestFactory(client);
        requests.setReadTimeout(answerTimeout);
        this.http = RestClient.builder()
                .baseUrl(base)
                .requestFactory(requests)
                .requestInterceptor((request, body, execution) -> {
                    credentials
                            .authorization()
                            .ifPresent(value -> request.getHeaders().set(HttpHeaders.AUTHORIZATION, value));
                    return execution.execute(request, body);
                })
                .defaultStatusHandler(status -> status.isError(), this::refuse)
                .build();
    }

    @Override
    public Optional<NetworkState> network(String name) {
        return call(
                "get network",
                () -> known(
                        ErrorCode.NETWORK_UNKNOWN,
                        () -> http.get()
                                .uri("/api/v1/networks/{name}", name)
                                .retrieve()
                                .body(NetworkState.class)));
    }

    @Override
    public NetworkState putNetwork(NetworkDefinition definition) {
        return call("put network", () -> {
            NetworkState state = http.put()
                    .uri("/api/v1/networks/{name}", definition.name())
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(definition)
                    .retrieve()
                    .body(NetworkState.class);
            if (state == null) {
                throw unavailable("answered the PUT of network " + definition.name() + " with nothing", null);
            }
            return state;
        });
    }

    @Override
    public void deleteNetwork(String name) {
        call(
                "delete network",
                () -> known(
                        ErrorCode.NETWORK_UNKNOWN,
                        () -> http.delete()
                                .uri("/api/v1/networks/{name}", name)
                                .retrieve()
                                .toBodilessEntity()));
    }

    @Override
    public Optional<NodeState> node(String name) {
        return call(
                "get node",
                () -> known(
                        ErrorCode.NODE_UNKNOWN,
                        () -> http.get()
                                .uri("/api/v1/nodes/{node}", name)
                                .retrieve()
                                .body(NodeState.class)));
    }

    @Override
    public List<NodeState> nodes() {
        return call("list nodes", () -> {
            List<NodeState> nodes = http.get()
                    .uri("/api/v1/nodes?superseded=true")
                    .retrieve()
                    .body(new ParameterizedTypeReference<>() {});
            if (nodes == null) {
                throw unavailable("answered the GET of all nodes with nothing", null);
            }
            return nodes;
        });
    }

    @Override
    public void putNode(String name, NodeInventory inventory) {
        call(
                "put node",
                () -> http.put()
                        .uri("/api/v1/nodes/{node}", name)
                        .contentType(MediaType.APPLICATION_JSON)
                        .body(inventory)
                        .retrieve()
                        .toBodilessEntity());
    }

    @Override
    public QuarantineState quarantine() {
        return call("get quarantine", () -> {
            QuarantineState state =
                    http.get().uri("/api/v1/quarantine").retrieve().body(QuarantineState.class);
            if (state == null) {
                throw unavailable("answered the GET of the quarantine with nothing", null);
            }
            return state;
        });
    }

    @Override
    public void retireNode(String name, String uid, boolean gone) {
        call(
                "retire node",
                () -> known(
                        ErrorCode.NODE_UNKNOWN,
                        () -> http.delete()
                                .uri("/api/v1/nodes/{node}?uid={uid}" + (gone ? "&gone=true" : ""), name, uid)
                                .retrieve()
                                .toBodilessEntity()));
    }

    private static <T> Optional<T> known(ErrorCode unknown, Supplier<@Nullable T> request) {
        try {
            return Optional.ofNullable(request.get());
        } catch (MultiNicException e) {
            if (e.code() == unknown) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T call(String operation, Supplier<T> request) {
        long start = System.nanoTime();
        String outcome = "unavailable";
        try {
            T answer = request.get();
            accepted();
            outcome = "success";
            return answer;
        } catch (MultiNicException e) {
            outcome = e.code().kind() == ErrorKind.TRANSIENT ? outcome : "refused";
            throw e;
        } catch (RestClientException e) {
            throw unavailable("does not answer: " + rootCause(e), e);
        } finally {
            metrics.ipamRequest(operation, outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private void refuse(HttpRequest request, ClientHttpResponse response) throws IOException {
        int status = response.getStatusCode().value();
        byte[] body = response.getBody().readNBytes(64 * 1024);
        Problem problem = problem(body);
        ErrorCode meaning = problem.meaning(status);
        if (meaning != ErrorCode.TRY_AGAIN_LATER) {
            accepted();
            throw new MultiNicException(meaning, problem.told().orElse(meaning.name()));
        }
        String shown = problem.told().orElseGet(() -> new String(body, StandardCharsets.UTF_8));
        if (Problem.refusesToken(status)) {
            tokenRefused(status, shown);
        }
        throw unavailable(
                "answered " + request.getMethod() + " " + request.getURI().getPath() + " with " + status + ": "
                        + shown.substring(0, Math.min(shown.length(), UNREADABLE_ANSWER_SHOWN))
                        + (problem.known().isPresent() ? "" : "; is multi-nic.controller.ipam-url right?"),
                null);
    }

    private void tokenRefused(int status, String reason) {
        if (!reason.equals(refused.getAndSet(reason))) {
            log.atWarn()
                    .addKeyValue("status", status)
                    .addKeyValue("reason", reason)
                    .log("ipam-service refuses the token of this controller; it is tried again");
        }
    }

    private void accepted() {
        if (refused.getAndSet(null) != null) {
            log.atInfo().log("ipam-service accepts the token of this controller");
        }
    }

    /// Why ipam-service refuses our token; empty while it does not.
    public Optional<String> refused() {
        return Optional.ofNullable(refused.get());
    }

    private MultiNicException unavailable(String what, @Nullable Throwable cause) {
        return new MultiNicException(ErrorCode.TRY_AGAIN_LATER, "ipam-service at " + base + " " + what, cause);
    }

    private static Problem problem(byte[] body) {
        try {
            Problem problem = JsonMapper.shared().readValue(body, Problem.class);
            return problem == null ? Problem.UNREADABLE : problem;
        } catch (JacksonException e) {
            return Problem.UNREADABLE;
        }
    }

    private static String rootCause(Throwable e) {
        Throwable cause = e;
        for (Throwable next = e.getCause(); next != null; next = next.getCause()) {
            cause = next;
        }
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
