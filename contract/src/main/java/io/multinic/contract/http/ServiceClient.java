package io.multinic.contract.http;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.error.Problem;
import io.multinic.contract.http.ServiceException.Failure;
import io.multinic.contract.http.ServiceException.Kind;
import io.multinic.contract.retry.Backoff;
import io.multinic.contract.retry.RetryAfter;
import io.multinic.contract.trust.Credentials;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Client of one service's REST interface. All clients of this project use it and so share its policy:
///
/// - **Deadlines.** One for connecting, one for the whole answer including its body; a long poll adds its hold time.
/// - **Retries.** A client with `attempts` above 1 repeats a request after a transient failure, with [Backoff] and no
///   sooner than `Retry-After` asks for. A POST is repeated only if it did not reach the service. A client that is
///   called by a loop or a reconciler uses one attempt: there the loop waits, with the same [Backoff].
/// - **Errors.** Only problem+json with a code of ours is a refusal ([Problem#meaning]); all else is TRY_AGAIN_LATER,
///   because a bare 404 of a proxy must not pass for "the network is gone". Redirects are errors.
/// - **Tokens.** Each request carries the token of the credentials as it is then. A refused token is transient; the
///   [TokenListener] is notified when the refusal begins, when its reason changes and when it ends.
/// - **TLS.** The server is verified with the CA of the credentials as it is at the handshake.
/// - **Sizes.** An answer larger than `largestAnswer` is an error and is not read to its end.
///
/// To adopt it: write a [JsonCodec] for the process's JSON library, create one `ServiceClient` per service and close it
/// at the end, and wrap it in a class that names the operations:
///
/// ```java
/// Optional<NodeState> node(String name) throws InterruptedException {
///     return client.find(ErrorCode.NODE_UNKNOWN, NodeState.class, ServiceRequest.get("/api/v1/nodes/{node}", name));
/// }
/// ```
///
/// Code that only needs bytes, such as a JSON Web Key Set for another parser, uses [#send].
/// Thread-safe. HTTP/1.1: a long poll must not share its connection.
public final class ServiceClient implements AutoCloseable {
    private static final String ACCEPT = "application/json, application/problem+json, */*;q=0.1";
    private static final int BODY_SHOWN = 200;
    private static final int ERROR_READ = 64 * 1024;
    private static final int NO_CONTENT = 204;

    private final Peer peer;
    private final Credentials credentials;
    private final JsonCodec json;
    private final Limits limits;
    private final TokenListener listener;
    private final HttpClient http;
    private final AtomicReference<@Nullable String> refusal = new AtomicReference<>();

    /// @param service its name in messages
    /// @param base address, such as `https://multi-nic-ipam:8443`; a path in it is kept
    /// @param setting property that holds the address; named when something else answers there
    public record Peer(String service, URI base, String setting) {
        public Peer {
            if (base.getHost() == null || !("http".equals(base.getScheme()) || "https".equals(base.getScheme()))) {
                throw new IllegalArgumentException(setting + " is " + base + ", and not a URL like https://host:8443");
            }
            base = URI.create(base.toString().replaceAll("/+$", ""));
        }
    }

    /// @param connect longest time for a connection
    /// @param answer longest time for a whole answer
    /// @param largestAnswer bytes of a body
    /// @param attempts how often a request is sent at most
    /// @param retryFirst longest wait before the second attempt
    /// @param retryLongest longest wait before any attempt; if `Retry-After` is longer, the request has failed
    public record Limits(
            Duration connect,
            Duration answer,
            int largestAnswer,
            int attempts,
            Duration retryFirst,
            Duration retryLongest) {
        public Limits {
            if (largestAnswer < 1 || attempts < 1) {
                throw new IllegalArgumentException(attempts + " attempts for answers of " + largestAnswer + " bytes");
            }
        }

        /// Limits of a client whose caller retries.
        public static Limits once(Duration connect, Duration answer, int largestAnswer) {
            return new Limits(connect, answer, largestAnswer, 1, Duration.ofMillis(1), Duration.ofMillis(1));
        }

        /// These limits with retries in the client.
        public Limits retrying(int times, Duration first, Duration longest) {
            return new Limits(connect, answer, largestAnswer, times, first, longest);
        }
    }

    /// Receives each change of the service's opinion about the token, once.
    public interface TokenListener {
        TokenListener NONE = new TokenListener() {
            @Override
            public void refused(int status, String reason) {}

            @Override
            public void accepted() {}
        };

        void refused(int status, String reason);

        /// A token counts again after a refusal.
        void accepted();
    }

    /// A successful answer.
    public static final class Answer {
        private final int status;
        private final byte[] body;

        private Answer(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }

        /// 200 to 299.
        public int status() {
            return status;
        }

        /// The body itself, not a copy.
        public byte[] body() {
            return body;
        }
    }

    public ServiceClient(Peer peer, Credentials credentials, JsonCodec json, Limits limits, TokenListener listener) {
        this.peer = peer;
        this.credentials = credentials;
        this.json = json;
        this.limits = limits;
        this.listener = listener;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limits.connect())
                .sslContext(credentials.tls())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    public URI base() {
        return peer.base();
    }

    /// The reason why the service refuses the token; empty while it does not.
    public Optional<String> tokenRefusal() {
        return Optional.ofNullable(refusal.get());
    }

    /// The body of the answer.
    ///
    /// @throws ServiceException if the request was refused or not answered, or the answer is not a `type`
    /// @throws MultiNicException TRY_AGAIN_LATER if the token file cannot be read
    public <T> T fetch(Class<T> type, ServiceRequest request) throws InterruptedException {
        Answer answer = send(request);
        try {
            return present(request, json.read(answer.body, type));
        } catch (IOException e) {
            throw failed(request, Kind.UNREADABLE, "unreadable answer: " + e.getMessage(), e);
        }
    }

    /// The body of the answer; empty only if the service itself refuses with the code `unknown`.
    public <T> Optional<T> find(ErrorCode unknown, Class<T> type, ServiceRequest request) throws InterruptedException {
        try {
            return Optional.of(fetch(type, request));
        } catch (ServiceException e) {
            if (e.code() == unknown) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Sends the request once and reads the answer while it arrives, so that a large one is never in memory as text;
    /// empty if the answer is 204.
    ///
    /// @param largest bytes of the body, instead of `largestAnswer`
    public <T> Optional<T> stream(Class<T> type, ServiceRequest request, long largest) throws InterruptedException {
        Duration limit = limits.answer().plus(request.hold());
        long start = System.nanoTime();
        HttpResponse<InputStream> response = exchange(request, BodyHandlers.ofInputStream(), limit);
        var deadline = new CompletableFuture<@Nullable Void>();
        try (var body = new LimitedInputStream(response.body(), largest)) {
            var _ = deadline.orTimeout(limit.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS)
                    .whenComplete((_, late) -> body.abort(late));
            if (response.statusCode() >= 300) {
                throw errorAnswer(request, response.statusCode(), response.headers(), body.readNBytes(ERROR_READ));
            }
            tokenAccepted();
            if (response.statusCode() == NO_CONTENT) {
                return Optional.empty();
            }
            return Optional.of(present(request, json.read(body, type)));
        } catch (IOException e) {
            throw deadline.isCompletedExceptionally()
                    ? failed(request, Kind.NO_ANSWER, "no whole answer within " + limit, e)
                    : failed(request, Kind.UNREADABLE, "unreadable answer: " + e.getMessage(), e);
        } finally {
            deadline.complete(null);
        }
    }

    /// The value, unless it is that of the JSON text `null`, which a library reads as no value.
    private <T> T present(ServiceRequest request, @Nullable T value) {
        if (value == null) {
            throw failed(request, Kind.UNREADABLE, "unreadable answer: null", null);
        }
        return value;
    }

    /// Sends the request, up to `attempts` times.
    public Answer send(ServiceRequest request) throws InterruptedException {
        var backoff = new Backoff(limits.retryFirst(), limits.retryLongest(), RandomGenerator.getDefault());
        for (int attempt = 1; ; attempt++) {
            try {
                return sendOnce(request);
            } catch (ServiceException e) {
                Duration wait = longer(backoff.next(), e.retryAfter().orElse(Duration.ZERO));
                if (attempt == limits.attempts()
                        || !mayRepeat(request, e)
                        || wait.compareTo(limits.retryLongest()) > 0) {
                    throw e;
                }
                Thread.sleep(wait);
            }
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static boolean mayRepeat(ServiceRequest request, ServiceException e) {
        return switch (e.failure().kind()) {
            case UNREACHABLE -> true;
            case NO_ANSWER -> request.method().idempotent();
            // A token that was refused is refused again until somebody renews it.
            case ERROR_ANSWER ->
                request.method().idempotent()
                        && e.code().kind() == ErrorKind.TRANSIENT
                        && !Problem.refusesToken(e.status());
            case UNREADABLE -> false;
        };
    }

    /// The timeout of the JDK's client ends with the headers; this one includes the body.
    private Answer sendOnce(ServiceRequest request) throws InterruptedException {
        HttpResponse<byte[]> response = exchange(
                request,
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), limits.largestAnswer()),
                limits.answer().plus(request.hold()));
        if (response.statusCode() >= 300) {
            throw errorAnswer(request, response.statusCode(), response.headers(), response.body());
        }
        tokenAccepted();
        return new Answer(response.statusCode(), response.body());
    }

    private <B> HttpResponse<B> exchange(ServiceRequest request, BodyHandler<B> handler, Duration limit)
            throws InterruptedException {
        var exchange = http.sendAsync(http(request), handler);
        try {
            return exchange.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw failed(request, Kind.NO_ANSWER, "no answer within " + limit, e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException
                    ? failed(request, Kind.UNREACHABLE, "no connection: " + reason(cause), cause)
                    : failed(request, Kind.NO_ANSWER, reason(cause), cause);
        } finally {
            if (!exchange.isDone()) {
                exchange.cancel(true);
            }
        }
    }

    private HttpRequest http(ServiceRequest request) {
        var builder = HttpRequest.newBuilder(URI.create(peer.base() + request.path()))
                .header("Accept", ACCEPT)
                .method(
                        request.method().name(),
                        request.body() == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofByteArray(json.write(request.body())));
        if (request.body() != null) {
            builder.header("Content-Type", "application/json");
        }
        credentials.authorization().ifPresent(value -> builder.header("Authorization", value));
        return builder.build();
    }

    private ServiceException errorAnswer(ServiceRequest request, int status, HttpHeaders headers, byte[] body) {
        Problem problem = problem(body);
        ErrorCode meaning = problem.meaning(status);
        String shown = problem.text().orElseGet(() -> shortened(body));
        if (Problem.refusesToken(status)) {
            tokenRefused(status, shown.isEmpty() ? "no reason given" : shown);
        } else if (meaning.kind() != ErrorKind.TRANSIENT) {
            tokenAccepted();
        }
        Duration retryAfter = headers.firstValue("Retry-After")
                .flatMap(value -> RetryAfter.parse(value, Instant.now()))
                .orElse(null);
        return new ServiceException(
                meaning,
                peer.service() + " at " + peer.base() + " answered " + named(request) + " with " + status
                        + (shown.isEmpty() ? "" : ": " + shown)
                        + (problem.errorCode().isPresent() ? "" : "; is " + peer.setting() + " right?"),
                new Failure(Kind.ERROR_ANSWER, status, problem.text().orElse(null), retryAfter),
                null);
    }

    private Problem problem(byte[] body) {
        try {
            Problem problem = json.read(body, Problem.class);
            return problem == null ? Problem.UNREADABLE : problem;
        } catch (IOException e) {
            return Problem.UNREADABLE;
        }
    }

    private static String shortened(byte[] body) {
        return new String(body, 0, Math.min(body.length, BODY_SHOWN), StandardCharsets.UTF_8).strip();
    }

    private void tokenRefused(int status, String reason) {
        if (!reason.equals(refusal.getAndSet(reason))) {
            listener.refused(status, reason);
        }
    }

    private void tokenAccepted() {
        if (refusal.getAndSet(null) != null) {
            listener.accepted();
        }
    }

    private ServiceException failed(ServiceRequest request, Kind kind, String reason, @Nullable Throwable cause) {
        return new ServiceException(
                ErrorCode.TRY_AGAIN_LATER,
                peer.service() + " at " + peer.base() + " does not answer " + named(request) + ": " + reason,
                Failure.of(kind),
                cause);
    }

    private static String named(ServiceRequest request) {
        int query = request.path().indexOf('?');
        return request.method() + " "
                + (query < 0 ? request.path() : request.path().substring(0, query));
    }

    /// The innermost cause, because the JDK's client wraps it without a message.
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    /// Ends requests under way.
    @Override
    public void close() {
        http.shutdownNow();
    }
}
