package io.multinic.agent.ipam;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.error.Problem;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// REST client for `/api/v1/nodes/{node}/…` of ipam-service; errors are problem+json with a `code`.
///
/// A rejected token is logged once for each reason and otherwise treated as an outage: the token will be renewed, and
/// the request is valid.
public final class HttpNodeIpamClient implements NodeIpamClient {
    private static final Logger log = LoggerFactory.getLogger(HttpNodeIpamClient.class);
    private static final String ACCEPT = "application/json, application/problem+json";

    private final HttpClient http;
    private final JsonMapper json;
    private final Credentials credentials;
    private final URI node;
    private final Duration timeout;
    private final AtomicReference<@Nullable String> refused = new AtomicReference<>();

    /// @param http a client with the TLS settings of `credentials`
    /// @param ipam URL of ipam-service, such as `https://multi-nic-ipam:8443`
    /// @param timeout for a whole answer, in addition to the wait of a poll
    public HttpNodeIpamClient(
            HttpClient http, Credentials credentials, JsonMapper json, URI ipam, String nodeName, Duration timeout) {
        this.http = http;
        this.credentials = credentials;
        this.json = json;
        this.node = URI.create(ipam.toString().replaceAll("/+$", "") + "/api/v1/nodes/"
                + URLEncoder.encode(nodeName, StandardCharsets.UTF_8).replace("+", "%20"));
        this.timeout = timeout;
    }

    @Override
    public SessionGrant openSession(SessionRequest request) throws InterruptedException {
        return body(send(post("/session", request), Duration.ZERO), SessionGrant.class);
    }

    @Override
    public Optional<PlanUpdate> plan(long known, String history, Duration wait) throws InterruptedException {
        String query = "after=" + known + "&history=" + URLEncoder.encode(history, StandardCharsets.UTF_8) + "&wait="
                + wait.toSeconds();
        HttpResponse<byte[]> response = send(request("/plan/changes?" + query).GET(), wait);
        return response.statusCode() == 204 ? Optional.empty() : Optional.of(body(response, PlanUpdate.class));
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

    /// Every request is built here, so that each carries the token.
    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create(node + path)).header("Accept", ACCEPT);
        credentials.authorization().ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    /// Sends a request with a limit for the whole answer. The timeout of [HttpRequest] ends with the headers.
    private HttpResponse<byte[]> send(HttpRequest.Builder builder, Duration wait) throws InterruptedException {
        HttpRequest request = builder.build();
        Duration limit = timeout.plus(wait);
        var exchange = http.sendAsync(request, BodyHandlers.ofByteArray());
        HttpResponse<byte[]> response;
        try {
            response = exchange.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw noAnswer(request, "no answer within " + limit, e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException
                    ? unreachable(request, "no connection", cause)
                    : noAnswer(request, cause.toString(), cause);
        } finally {
            exchange.cancel(true);
        }
        if (response.statusCode() >= 300) {
            throw refused(request, response);
        }
        accepted();
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
        return new MultiNicException(ErrorCode.TRY_AGAIN_LATER, without(request, reason), cause);
    }

    private static MultiNicException noAnswer(HttpRequest request, String reason, Throwable cause) {
        return new NoAnswerException(without(request, reason), cause);
    }

    private static String without(HttpRequest request, String reason) {
        return "ipam-service at " + request.uri().getAuthority() + " does not answer " + request.method() + " "
                + request.uri().getPath() + ": " + reason;
    }

    private MultiNicException refused(HttpRequest request, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        Problem problem = problem(response);
        ErrorCode meaning = problem.meaning(status);
        if (Problem.refusesToken(status)) {
            tokenRefused(status, problem.text().orElse("no reason given"));
        } else if (meaning != ErrorCode.TRY_AGAIN_LATER) {
            accepted();
        }
        return new MultiNicException(
                meaning,
                "ipam-service at " + request.uri().getAuthority() + " answered " + request.method() + " "
                        + request.uri().getPath() + " with " + status
                        + problem.text().map(text -> ": " + text).orElse(""));
    }

    private void tokenRefused(int status, String reason) {
        if (!reason.equals(refused.getAndSet(reason))) {
            log.atWarn()
                    .addKeyValue("status", status)
                    .addKeyValue("reason", reason)
                    .log("ipam-service rejects the token of this agent; requests are retried");
        }
    }

    private void accepted() {
        if (refused.getAndSet(null) != null) {
            log.atInfo().log("ipam-service accepts the token of this agent");
        }
    }

    private Problem problem(HttpResponse<byte[]> response) {
        try {
            Problem problem = json.readValue(response.body(), Problem.class);
            return problem == null ? Problem.UNREADABLE : problem;
        } catch (JacksonException e) {
            return Problem.UNREADABLE;
        }
    }
}
