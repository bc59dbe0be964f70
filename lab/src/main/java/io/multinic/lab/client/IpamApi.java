package io.multinic.lab.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A client of ipam-service's REST API for readers and administrators. Lists are read with all their pages.
public final class IpamApi {
    private final Transport transport;

    public IpamApi(Transport transport) {
        this.transport = transport;
    }

    /// Sends GET requests with the credentials of one account.
    @FunctionalInterface
    public interface Transport {
        /// @param path path and query
        /// @return the body of the answer
        /// @throws io.multinic.lab.process.LabException if the status is not 200
        String get(String path);
    }

    /// The history of all addresses of a network.
    public List<AllocationInterval> audit(String network) {
        return all("/api/v1/audit?limit=1000&network=" + encoded(network), AllocationInterval.class);
    }

    /// The open intervals of all networks.
    public List<AllocationInterval> held() {
        return all("/api/v1/audit?open=true&limit=1000", AllocationInterval.class);
    }

    /// All blocks of a network with their nodes.
    public List<NodeBlock> blocks(String network) {
        return all("/api/v1/networks/" + encoded(network) + "/blocks?limit=1000", NodeBlock.class);
    }

    /// Reports of nodes that contradict the ledger and are not resolved.
    public List<Conflict> openConflicts() {
        return all("/api/v1/conflicts?open=true&limit=1000", Conflict.class);
    }

    public NetworkState network(String name) {
        return Serialization.unmarshal(transport.get("/api/v1/networks/" + encoded(name)), NetworkState.class);
    }

    /// All nodes that are not retired.
    public List<NodeState> nodes() {
        var nodes = new ArrayList<NodeState>();
        json("/api/v1/nodes").forEach(node -> nodes.add(Serialization.unmarshal(node.toString(), NodeState.class)));
        return nodes;
    }

    public QuarantineState quarantine() {
        return Serialization.unmarshal(transport.get("/api/v1/quarantine"), QuarantineState.class);
    }

    /// The items of all pages.
    private <T> List<T> all(String path, Class<T> type) {
        var items = new ArrayList<T>();
        String cursor = "";
        do {
            JsonNode page = json(path + cursor);
            for (JsonNode item : page.path("items")) {
                items.add(Serialization.unmarshal(item.toString(), type));
            }
            cursor = page.hasNonNull("next")
                    ? "&cursor=" + encoded(page.path("next").asText())
                    : "";
        } while (!cursor.isEmpty());
        return items;
    }

    private JsonNode json(String path) {
        return Serialization.unmarshal(transport.get(path), JsonNode.class);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
