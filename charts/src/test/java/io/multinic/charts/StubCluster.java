package io.multinic.charts;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Fake API server for `lookup` in a template: it serves the given Secrets and Namespaces.
///
/// Helm finds it through the file in KUBECONFIG.
final class StubCluster implements AutoCloseable {
    private static final String RESOURCES = """
            {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
              {"name": "secrets", "kind": "Secret", "namespaced": true, "verbs": ["get"]},
              {"name": "namespaces", "kind": "Namespace", "namespaced": false, "verbs": ["get"]}]}""";
    private static final String NOT_FOUND = """
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}""";

    private final HttpServer server;
    private final Map<String, String> answers = new HashMap<>(Map.of("/api/v1", RESOURCES));

    StubCluster(HasMetadata... objects) throws IOException {
        for (HasMetadata object : objects) {
            var metadata = object.getMetadata();
            String namespace = metadata.getNamespace() == null ? "" : "/namespaces/" + metadata.getNamespace();
            answers.put(
                    "/api/v1" + namespace + "/" + object.getPlural() + "/" + metadata.getName(),
                    Serialization.asJson(object));
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        Files.writeString(Path.of(System.getenv("KUBECONFIG")), """
                {"apiVersion": "v1", "kind": "Config", "current-context": "stub",
                 "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub"}}],
                 "clusters": [{"name": "stub", "cluster": {"server": "%s"}}],
                 "users": [{"name": "stub", "user": {}}]}""".formatted(url));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String known = answers.get(exchange.getRequestURI().getPath());
        byte[] body = (known == null ? NOT_FOUND : known).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(known == null ? 404 : 200, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
