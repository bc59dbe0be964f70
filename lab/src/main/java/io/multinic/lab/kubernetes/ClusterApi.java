package io.multinic.lab.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// fabric8's CRUD server, extended by what kubectl and other clients expect of an API server: discovery, tables, field
/// selectors on any field, merge patch and server-side apply (fabric8 appends to lists), bodies for errors, and a time
/// limit for watches that are not WebSockets.
final class ClusterApi extends KubernetesCrudDispatcher {
    private static final Duration PLAIN_WATCH_LIMIT = Duration.ofSeconds(5);
    private static final int PATCH_ATTEMPTS = 20;

    private final Discovery discovery =
            new Discovery(() -> items("/apis/" + Discovery.CRD_GROUP_VERSION + "/customresourcedefinitions"));

    @Override
    public MockResponse dispatch(RecordedRequest request) {
        var target = RequestTarget.parse(request.getPath());
        String type = request.getHeader("Content-Type");
        if (type != null && type.contains("protobuf")) {
            return failure(415, "UnsupportedMediaType", "this API reads JSON only; use kubectl apply -f FILE");
        }
        try {
            return answer(request, target);
        } catch (RuntimeException e) { // without an answer the client would wait for its own timeout
            return failure(400, "BadRequest", String.valueOf(e.getMessage()));
        }
    }

    private MockResponse answer(RecordedRequest request, RequestTarget target) {
        if (request.method() == HttpMethod.GET) {
            Optional<MockResponse> known = discovery.answer(target.path());
            if (known.isPresent()) {
                return json(known.get());
            }
            return get(request, target);
        }
        if (request.method() == HttpMethod.PATCH && isMerge(request)) {
            return json(merge(request, target));
        }
        return json(withErrorBody(super.dispatch(request), target));
    }

    private MockResponse get(RecordedRequest request, RequestTarget target) {
        boolean webSocket = request.getHeader("Upgrade") != null;
        if (target.watch() && !webSocket) {
            return json(new MockResponse().setResponseCode(200).setBody("").setBodyDelay(PLAIN_WATCH_LIMIT));
        }
        MockResponse response = super.dispatch(with(request, HttpMethod.GET, target.withoutFields(), null));
        if (target.watch() || response.code() != 200) {
            return target.watch() ? response : json(withErrorBody(response, target));
        }
        JsonNode found = read(text(response));
        if (found instanceof ObjectNode list && list.has("items")) {
            target.keepSelected(list);
            complete(list, target);
        }
        String accept = request.getHeader("Accept");
        if (accept != null && accept.contains("as=Table")) {
            found = Tables.of(found, discovery.columns(target.path()));
        }
        return json(new MockResponse().setResponseCode(200).setBody(Serialization.asJson(found)));
    }

    /// Sets the list kind of the resource. fabric8 sends kind `List`, which clients that decode by kind reject.
    private void complete(ObjectNode list, RequestTarget target) {
        discovery.resource(target.path()).ifPresent(resource -> {
            list.put("kind", resource.kind() + "List");
            list.put("apiVersion", resource.groupVersion());
        });
    }

    private static boolean isMerge(RecordedRequest request) {
        return hasType(request, "merge-patch+json") || isApply(request);
    }

    private static boolean isApply(RecordedRequest request) {
        return hasType(request, "apply-patch+yaml");
    }

    private static boolean hasType(RecordedRequest request, String type) {
        String found = request.getHeader("Content-Type");
        return found != null && found.contains(type);
    }

    /// Reads, merges and writes the object; retries after a conflict with another writer. Strategic merge patches are
    /// treated as JSON merge patches: lists are replaced. A server-side apply is a merge that creates a missing
    /// object. Field ownership is not recorded: there are no apply conflicts, and omitted fields stay.
    private MockResponse merge(RecordedRequest request, RequestTarget target) {
        JsonNode patch = read(request.getBody().readUtf8());
        boolean pinned = patch.path("metadata").has("resourceVersion");
        String object = target.path().replaceAll("/status$", "");
        for (int attempt = 1; ; attempt++) {
            MockResponse current = super.dispatch(with(request, HttpMethod.GET, object, null));
            if (current.code() == 404 && isApply(request)) {
                String collection = object.replaceAll("/[^/]+$", "");
                return super.dispatch(with(request, HttpMethod.POST, collection, Serialization.asJson(patch)));
            }
            if (current.code() != 200) {
                return withErrorBody(current, target);
            }
            JsonNode merged = MergePatch.apply(read(text(current)), patch);
            MockResponse written =
                    super.dispatch(with(request, HttpMethod.PUT, target.path(), Serialization.asJson(merged)));
            if (written.code() != 409 || pinned || attempt == PATCH_ATTEMPTS) {
                return withErrorBody(written, target);
            }
        }
    }

    private Iterable<JsonNode> items(String path) {
        return read(text(super.handleGet(path))).path("items");
    }

    /// Adds a body to a 404 of fabric8, which has none, so that clients can name the missing object.
    private static MockResponse withErrorBody(MockResponse response, RequestTarget target) {
        if (response.code() == 404) {
            return failure(404, "NotFound", target.path() + " not found");
        }
        return response;
    }

    private static MockResponse failure(int code, String reason, String message) {
        ObjectNode status = JsonNodeFactory.instance
                .objectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("reason", reason)
                .put("code", code)
                .put("message", message);
        return json(new MockResponse().setResponseCode(code).setBody(Serialization.asJson(status)));
    }

    private static MockResponse json(MockResponse response) {
        return response.setHeader("Content-Type", "application/json");
    }

    private static String text(MockResponse response) {
        Buffer body = response.getBody();
        return body == null ? "{}" : new String(body.getBytes(), StandardCharsets.UTF_8);
    }

    private static JsonNode read(String text) {
        return Serialization.unmarshal(text, JsonNode.class);
    }

    private static RecordedRequest with(
            RecordedRequest request, HttpMethod method, String path, @Nullable String body) {
        Headers headers = request.getHeaders();
        var buffer = new Buffer(body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8));
        return new RecordedRequest(request.getHttpVersion(), method, path, headers, buffer);
    }
}
