package io.multinic.agent.plan;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The REST interface of ipam-service, `/api/v1/nodes/{node}/…`; errors are problem+json with a `code`.
public final class HttpIpamClient implements IpamClient {
    private static final String ACCEPT = "application/json, application/problem+json";

    private final HttpClient http;
    private final JsonMapper json;
    private final URI node;
    private final Duration patience;

    /// @param http with whatever secures the connection
    /// @param ipam where ipam-service answers, such as `http://ipam-service:8080`
    /// @param patience for a whole answer, on top of the wait that was asked for
    public HttpIpamClient(HttpClient http, JsonMapper json, URI ipam, String nodeName, Duration patience) {
        this.http = http;
        this.json = json;
        this.node = URI.create(ipam.toString().replaceAll("/+$", "") + "/api/v1/nodes/"
                + URLEncoder.encode(nodeName, StandardCharsets.UTF_8).replace("+", "%20"));
        this.patience = patience;
    }

    @Override
    public SessionGrant openSession(SessionRequest request) throws InterruptedException {
        return body(send(post("/session", request), Duration.ZERO), SessionGrant.class);
    }

    @Override
    public Optional<NodePlan> plan(long known, Duration wait) throws InterruptedException {
        var request =
                request("/plan?after=" + known + "&wait=" + wait.toSeconds()).GET();
        HttpResponse<byte[]> response = send(request, wait);
        return response.statusCode() == 204 ? Optional.empty() : Optional.of(body(response, NodePlan.class));
    }

    @Override
    public long epoch() throws InterruptedException {
        return body(send(request("").GET(), Duration.ZERO), NodeState.class).epoch();
    }

    @Override
    public LedgerReceipt store(LedgerBatch batch) throws InterruptedException {
        return body(send(post("/ledger", batch), Duration.ZERO), LedgerReceipt.class);
    }

    private HttpRequest.Builder post(String path, Object body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(json.writeValueAsBytes(body)));
    }

    /// The one place where a token will be put on a request.
    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(node + path)).header("Accept", ACCEPT);
    }

    /// The client's own timeout ends with the headers; this one covers the body too.
    private HttpResponse<byte[]> send(HttpRequest.Builder builder, Duration wait) throws InterruptedException {
        HttpRequest request = builder.build();
        Duration limit = patience.plus(wait);
        var exchange = http.sendAsync(request, BodyHandlers.ofByteArray());
        HttpResponse<byte[]> response;
        try {
            response = exchange.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw unreachable(request, "no answer within " + limit, e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw unreachable(request, cause instanceof ConnectException ? "no connection" : cause.toString(), cause);
        } finally {
            exchange.cancel(true);
        }
        if (response.statusCode() >= 300) {
            throw refused(request, response);
        }
        return response;
    }

    private <T> T body(HttpResponse<byte[]> response, Class<T> type) {
        try {
            return json.readValue(response.body(), type);
        } catch (JacksonException e) {
            throw unreachable(response.request(), "unreadable answer: " + e.getOriginalMessage(), e);
        }
    }

    private static MultiNicException unreachable(HttpRequest request, String reason, Throwable cause) {
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "ipam-service at " + request.uri().getAuthority() + " does not answer " + request.method() + " "
                        + request.uri().getPath() + ": " + reason,
                cause);
    }

    /// The part of problem+json that a program acts on.
    private record Problem(
            @Nullable String code,
            @Nullable String detail,
            @Nullable String title) {}

    private MultiNicException refused(HttpRequest request, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        Problem problem = problem(response);
        String told = problem.detail() != null ? problem.detail() : problem.title();
        return new MultiNicException(
                code(problem, status),
                "ipam-service at " + request.uri().getAuthority() + " answered " + request.method() + " "
                        + request.uri().getPath() + " with " + status + (told == null ? "" : ": " + told));
    }

    private Problem problem(HttpResponse<byte[]> response) {
        try {
            Problem problem = json.readValue(response.body(), Problem.class);
            return problem == null ? new Problem(null, null, null) : problem;
        } catch (JacksonException e) {
            return new Problem(null, null, null);
        }
    }

    private static ErrorCode code(Problem problem, int status) {
        return Arrays.stream(ErrorCode.values())
                .filter(code -> code.name().equals(problem.code()))
                .findFirst()
                .orElse(
                        status >= 500 || status == 408 || status == 429
                                ? ErrorCode.TRY_AGAIN_LATER
                                : ErrorCode.INVALID_REQUEST);
    }
}
