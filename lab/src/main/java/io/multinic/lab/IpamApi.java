package io.multinic.lab;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The REST interface of ipam-service, as an administrator uses it.
public final class IpamApi {
    private final URI url;
    private final Credentials credentials;
    private final HttpClient http;

    public IpamApi(URI url, Credentials credentials) {
        this.url = url;
        this.credentials = credentials;
        http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(2))
                .sslContext(credentials.tls())
                .build();
    }

    public URI url() {
        return url;
    }

    /// The history of every address of a network, all pages of it.
    public List<AllocationInterval> audit(String network) {
        return all("/api/v1/audit?limit=1000&network=" + encoded(network), AllocationInterval.class);
    }

    /// Every block of a network and whose it is.
    public List<NodeBlock> blocks(String network) {
        return all("/api/v1/networks/" + encoded(network) + "/blocks?limit=1000", NodeBlock.class);
    }

    /// What nodes said and the ledger cannot hold as true.
    public List<Conflict> openConflicts() {
        return all("/api/v1/conflicts?open=true&limit=1000", Conflict.class);
    }

    public NetworkState network(String name) {
        return Serialization.unmarshal(get("/api/v1/networks/" + encoded(name)).toString(), NetworkState.class);
    }

    /// The nodes that are not retired.
    public List<NodeState> nodes() {
        var nodes = new ArrayList<NodeState>();
        get("/api/v1/nodes").forEach(node -> nodes.add(Serialization.unmarshal(node.toString(), NodeState.class)));
        return nodes;
    }

    public QuarantineState quarantine() {
        return Serialization.unmarshal(get("/api/v1/quarantine").toString(), QuarantineState.class);
    }

    /// The items of all pages.
    private <T> List<T> all(String path, Class<T> type) {
        var items = new ArrayList<T>();
        String cursor = "";
        do {
            JsonNode page = get(path + cursor);
            for (JsonNode item : page.path("items")) {
                items.add(Serialization.unmarshal(item.toString(), type));
            }
            cursor = page.hasNonNull("next")
                    ? "&cursor=" + encoded(page.path("next").asText())
                    : "";
        } while (!cursor.isEmpty());
        return items;
    }

    /// @throws LabException where the answer is not 200
    public JsonNode get(String path) {
        try {
            var request = HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofSeconds(10));
            credentials.authorization().ifPresent(value -> request.header("Authorization", value));
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new LabException("GET " + path + ": " + response.statusCode() + " " + response.body());
            }
            return Serialization.unmarshal(response.body(), JsonNode.class);
        } catch (IOException e) {
            throw new LabException("GET " + path + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("GET " + path + ": interrupted", e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
