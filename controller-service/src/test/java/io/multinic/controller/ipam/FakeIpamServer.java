package io.multinic.controller.ipam;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Fake ipam-service for the controller: stores networks and nodes, plans by counting, refuses requests that the real
/// one refuses, and can be stopped. Strict: an unknown path, method or field is recorded as a violation.
public final class FakeIpamServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private final Map<String, NetworkDefinition> networks = new TreeMap<>();
    private final Map<String, Long> revisions = new TreeMap<>();
    private final Map<String, NodeInventory> nodes = new TreeMap<>();
    private final Map<String, String> superseded = new TreeMap<>();
    private final Set<String> inUse = new HashSet<>();
    private final Set<String> inContact = new HashSet<>();
    private final Set<String> uneditable = new HashSet<>();
    private final List<String> writes = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final int port;
    private long revision;
    private int generation = 1;
    private @Nullable HttpServer server;
    private @Nullable String token;

    public FakeIpamServer() {
        this.port = listen(0);
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public synchronized Optional<NetworkDefinition> network(String name) {
        return Optional.ofNullable(networks.get(name));
    }

    public synchronized Optional<NodeInventory> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }

    /// The UIDs of all nodes that are not retired.
    public synchronized List<String> nodeUids() {
        return allNodes().stream().map(NodeState::nodeUid).toList();
    }

    /// Requests that changed something or tried to, such as `PUT /api/v1/networks/a`.
    public synchronized List<String> writes() {
        return List.copyOf(writes);
    }

    /// Requests that a real ipam-service would not have understood.
    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    public synchronized long revision(String network) {
        return revisions.get(network);
    }

    /// Makes pods hold addresses of this network or node.
    public synchronized void hold(String name) {
        inUse.add(name);
    }

    /// Makes the agent of this node have contact to ipam-service, or end it.
    public synchronized void hasContact(String uid, boolean does) {
        boolean _ = does ? inContact.add(uid) : inContact.remove(uid);
    }

    public synchronized void release(String name) {
        inUse.remove(name);
    }

    /// Removes all nodes and forgets all settings of this fake except networks.
    public synchronized void forget() {
        inUse.clear();
        inContact.clear();
        uneditable.clear();
        nodes.clear();
        superseded.clear();
    }

    /// Loses all commits, and begins a quarantine.
    public synchronized void loseEverything() {
        networks.clear();
        nodes.clear();
        superseded.clear();
        generation++;
    }

    /// Answers every request without this token with 401; null: no token is required.
    public synchronized void requireToken(@Nullable String bearer) {
        token = bearer;
    }

    private synchronized boolean isAuthenticated(HttpExchange exchange) {
        return token == null
                || ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    /// Refuses each edit of this network, as if it moved live blocks.
    public synchronized void refuseEdits(String network) {
        uneditable.add(network);
    }

    public void down() {
        HttpServer running = server;
        server = null;
        if (running != null) {
            running.stop(0);
        }
    }

    public void up() {
        listen(port);
    }

    @Override
    public void close() {
        down();
    }

    private int listen(int wanted) {
        try {
            var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
            http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            http.createContext("/", this::serve);
            http.start();
            server = http;
            return http.getAddress().getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                if (!isAuthenticated(exchange)) {
                    throw new MultiNicException(ErrorCode.NOT_AUTHENTICATED, "by the fake");
                }
                send(exchange, answer(exchange.getRequestMethod(), exchange.getRequestURI(), body));
            } catch (MultiNicException e) {
                int status = switch (e.code()) {
                    case NOT_AUTHENTICATED -> 401;
                    case NETWORK_UNKNOWN, NODE_UNKNOWN -> 404;
                    case IN_USE, NETWORK_EDIT_REFUSED -> 409;
                    default -> 400;
                };
                var problem =
                        Map.of("status", status, "code", e.code().name(), "title", "refused", "detail", e.getMessage());
                exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
                write(exchange, status, problem);
            }
        }
    }

    private void send(HttpExchange exchange, Optional<Object> answer) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (answer.isPresent()) {
            write(exchange, 200, answer.get());
        } else {
            exchange.sendResponseHeaders(204, -1);
        }
    }

    private static void write(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] json = JSON.writeValueAsBytes(body);
        exchange.sendResponseHeaders(status, json.length);
        exchange.getResponseBody().write(json);
    }

    private synchronized Optional<Object> answer(String method, URI uri, byte[] body) {
        String[] path = uri.getPath().split("/", -1);
        if (method.equals("GET") && uri.toString().equals("/api/v1/nodes?superseded=true")) {
            return Optional.of(allNodes());
        }
        if (method.equals("GET") && uri.toString().equals("/api/v1/quarantine")) {
            return Optional.of(quarantine());
        }
        if (path.length != 5 || !path[1].equals("api") || !path[2].equals("v1")) {
            throw violation(method + " " + uri);
        }
        String name = URLDecoder.decode(path[4], StandardCharsets.UTF_8);
        if (!method.equals("GET")) {
            writes.add(method + " " + uri);
        }
        return switch (method + " " + path[3]) {
            case "GET networks" -> Optional.of(state(name));
            case "PUT networks" -> Optional.of(putNetwork(name, read(body, NetworkDefinition.class)));
            case "DELETE networks" -> deleteNetwork(name);
            case "GET nodes" -> Optional.of(nodeState(name));
            case "PUT nodes" -> putNode(name, read(body, NodeInventory.class));
            case "DELETE nodes" -> retire(name, uri.getQuery());
            default -> throw violation(method + " " + uri);
        };
    }

    private <T> T read(byte[] body, Class<T> type) {
        try {
            return JSON.readValue(body, type);
        } catch (RuntimeException e) {
            throw violation(type.getSimpleName() + ": " + e.getMessage());
        }
    }

    private MultiNicException violation(String what) {
        violations.add(what);
        return new MultiNicException(ErrorCode.INVALID_REQUEST, what);
    }

    private NetworkState putNetwork(String name, NetworkDefinition definition) {
        if (!name.equals(definition.name())) {
            throw violation("path " + name + ", body " + definition.name());
        }
        var before = networks.get(name);
        if (before != null && !before.equals(definition) && uneditable.contains(name)) {
            throw new MultiNicException(
                    ErrorCode.NETWORK_EDIT_REFUSED, "network " + name + ": the edit would move live blocks");
        }
        networks.put(name, definition);
        if (!definition.equals(before)) {
            revisions.put(name, ++revision);
        }
        return state(name);
    }

    private NetworkState state(String name) {
        var definition = networks.get(name);
        if (definition == null) {
            throw new MultiNicException(ErrorCode.NETWORK_UNKNOWN, "network " + name + " does not exist");
        }
        var nets = definition.masterNets();
        var uses = IntStream.range(0, nets.size())
                .mapToObj(i -> new NetworkState.InterfaceUse(
                        i,
                        nets.get(i),
                        List.of(),
                        (int) nodes.values().stream()
                                .filter(node -> node.nics().stream()
                                        .flatMap(nic -> nic.addresses().stream())
                                        .map(PrefixedAddress::network)
                                        .anyMatch(nets.get(i)::equals))
                                .count(),
                        revisions.get(name)))
                .toList();
        return new NetworkState(definition, 1, revisions.get(name), uses, List.of());
    }

    private Optional<Object> deleteNetwork(String name) {
        if (inUse.contains(name)) {
            throw new MultiNicException(
                    ErrorCode.IN_USE, "network " + name + ": 2 addresses are in use on nodes node-a");
        }
        networks.remove(name);
        return Optional.empty();
    }

    private NodeState nodeState(String name) {
        var node = nodes.get(name);
        if (node == null) {
            throw new MultiNicException(ErrorCode.NODE_UNKNOWN, "node " + name + " is not known");
        }
        return new NodeState(name, node.nodeUid(), revision, 0, 0, node.nics());
    }

    private List<NodeState> allNodes() {
        return Stream.concat(
                        nodes.keySet().stream().map(this::nodeState),
                        superseded.entrySet().stream()
                                .map(node -> new NodeState(node.getValue(), node.getKey(), revision, 0, 0, List.of())))
                .toList();
    }

    private QuarantineState quarantine() {
        return generation == 1
                ? new QuarantineState(false, 1, null, "", null, 0, List.of(), List.of())
                : new QuarantineState(true, generation, Instant.EPOCH, "by the fake", null, 0, List.of(), List.of());
    }

    private Optional<Object> putNode(String name, NodeInventory inventory) {
        var before = nodes.put(name, inventory);
        if (before != null && !before.nodeUid().equals(inventory.nodeUid())) {
            superseded.put(before.nodeUid(), name);
        }
        return Optional.empty();
    }

    private Optional<Object> retire(String name, @Nullable String query) {
        if (query == null || !query.startsWith("uid=")) {
            throw violation("DELETE of node " + name + " without uid");
        }
        boolean gone = query.endsWith("&gone=true");
        String uid = query.substring("uid=".length()).replace("&gone=true", "");
        if (gone ? inContact.contains(uid) : inUse.contains(name)) {
            throw new MultiNicException(ErrorCode.IN_USE, "node " + name + ": 1 addresses are in use");
        }
        var node = nodes.get(name);
        if (node != null && node.nodeUid().equals(uid)) {
            nodes.remove(name);
        }
        superseded.remove(uid, name);
        return Optional.empty();
    }
}
