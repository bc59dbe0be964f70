package io.multinic.ipam.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client of the REST API.
public final class Rest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient client;
    private final String base;
    private final @Nullable String token;
    private final Consumer<Answer> observer;

    public Rest(String base, HttpClient client) {
        this(base, client, null, answer -> {});
    }

    private Rest(String base, HttpClient client, @Nullable String token, Consumer<Answer> observer) {
        this.base = base;
        this.client = client;
        this.token = token;
        this.observer = observer;
    }

    /// A client that passes every answer to the observer.
    public Rest observedBy(Consumer<Answer> observer) {
        return new Rest(base, client, token, observer);
    }

    /// A client that sends this token with each request.
    public Rest with(String bearer) {
        return new Rest(base, client, bearer, observer);
    }

    /// A client with separate connections that trusts the certificates of `tls`.
    public Rest over(SSLContext tls) {
        return new Rest(base, HttpClient.newBuilder().sslContext(tls).build(), token, observer);
    }

    /// The answer to a request.
    public record Answer(int status, String contentType, HttpResponse<String> response) {
        public <T> T as(Class<T> type) {
            if (status != 200) {
                throw new AssertionError(status + ": " + response.body());
            }
            return read(response.body(), type);
        }

        public <T> T as(TypeReference<T> type) {
            if (status != 200) {
                throw new AssertionError(status + ": " + response.body());
            }
            return JSON.readValue(response.body(), type);
        }

        /// The body of an answer 201.
        public <T> T created(Class<T> type) {
            if (status != 201) {
                throw new AssertionError(status + ": " + response.body());
            }
            return read(response.body(), type);
        }

        public JsonNode json() {
            return JSON.readTree(response.body());
        }

        /// The field `code` of a problem; empty if there is none.
        public String code() {
            return json().path("code").asString("");
        }

        public String detail() {
            return json().path("detail").asString("");
        }
    }

    /// Reads a body.
    public static <T> T read(String json, Class<T> type) {
        return JSON.readValue(json, type);
    }

    public Answer get(String path) {
        return send(request(path).GET());
    }

    /// Sends a GET with this `Accept` header.
    public Answer get(String path, String accept) {
        return send(request(path).header("Accept", accept).GET());
    }

    public Answer head(String path) {
        return send(request(path).HEAD());
    }

    /// Sends a GET; the body is a stream.
    public HttpResponse<InputStream> open(String path) throws IOException, InterruptedException {
        return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    public CompletableFuture<Answer> getLater(String path) {
        return client.sendAsync(request(path).GET().build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(Rest::answer);
    }

    public Answer delete(String path) {
        return send(request(path).DELETE());
    }

    public Answer put(String path, Object body) {
        return send(request(path).PUT(HttpRequest.BodyPublishers.ofString(text(body))));
    }

    public Answer post(String path, Object body) {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(text(body))));
    }

    /// Sends any request.
    ///
    /// @param headers names and values alternately; they replace the default headers
    public Answer call(String method, String path, @Nullable String body, String... headers) {
        var request = request(path)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return send(request);
    }

    /// Sends a PUT with a chunked body, hence without `Content-Length`.
    public Answer putChunked(String path, String body) {
        return send(
                request(path).PUT(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(body))));
    }

    private static String text(Object body) {
        return body instanceof String text ? text : JSON.writeValueAsString(body);
    }

    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(90))
                .header("Content-Type", "application/json");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            Answer answer = answer(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
            observer.accept(answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer answer(HttpResponse<String> response) {
        return new Answer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response);
    }
}
