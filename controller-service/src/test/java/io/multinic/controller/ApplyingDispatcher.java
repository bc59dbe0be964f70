package io.multinic.controller;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Adds server-side apply to fabric8's CRUD server, as far as a single writer depends on it: objects are merged, lists
/// are replaced, and an apply with a resourceVersion fails if the object has changed. It has no field managers.
final class ApplyingDispatcher extends KubernetesCrudDispatcher {
    private static final String APPLY = "application/apply-patch+yaml";

    private volatile String refused = "";

    ApplyingDispatcher(List<CustomResourceDefinitionContext> resources) {
        super(resources);
    }

    void refuse(String path) {
        refused = path;
    }

    @Override
    public MockResponse dispatch(RecordedRequest request) {
        if (!refused.isEmpty() && request.getPath().startsWith(refused)) {
            return new MockResponse().setResponseCode(403); // the client retries a 500
        }
        String type = request.getHeader("Content-Type");
        if (request.method() != HttpMethod.PATCH || type == null || !type.startsWith(APPLY)) {
            return super.dispatch(request);
        }
        String path = request.getPath().replaceAll("\\?.*", "");
        MockResponse current = super.dispatch(request(request, HttpMethod.GET, path, ""));
        if (current.code() != 200) {
            return current;
        }
        var object = (ObjectNode) read(new String(current.getBody().getBytes(), StandardCharsets.UTF_8));
        merge(object, read(request.getBody().readUtf8()));
        return super.dispatch(request(request, HttpMethod.PUT, path, Serialization.asJson(object)));
    }

    private static void merge(ObjectNode object, JsonNode applied) {
        applied.properties().forEach(field -> {
            if (field.getValue() instanceof ObjectNode part && object.get(field.getKey()) instanceof ObjectNode found) {
                merge(found, part);
            } else {
                object.set(field.getKey(), field.getValue());
            }
        });
    }

    private static JsonNode read(String json) {
        return Serialization.unmarshal(json, JsonNode.class);
    }

    private static RecordedRequest request(RecordedRequest like, HttpMethod method, String path, String body) {
        return new RecordedRequest(
                like.getHttpVersion(),
                method,
                path,
                like.getHeaders(),
                new Buffer(body.getBytes(StandardCharsets.UTF_8)));
    }
}
