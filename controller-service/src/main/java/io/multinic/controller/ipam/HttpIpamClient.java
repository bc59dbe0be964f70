package io.multinic.controller.ipam;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.http.JsonCodec;
import io.multinic.contract.http.ServiceClient;
import io.multinic.contract.http.ServiceClient.Limits;
import io.multinic.contract.http.ServiceClient.Peer;
import io.multinic.contract.http.ServiceClient.TokenListener;
import io.multinic.contract.http.ServiceException;
import io.multinic.contract.http.ServiceRequest;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.controller.metrics.ControllerMetrics;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// REST adapter of [IpamClient]. Requests are sent once: reconcilers retry.
public final class HttpIpamClient implements IpamClient, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpIpamClient.class);
    private static final String SETTING = "multi-nic.controller.ipam-url";

    /// Allows for the list of 5,000 nodes with 8 NICs each several times over.
    private static final int LARGEST_ANSWER = 64 << 20;

    private final ServiceClient http;
    private final ControllerMetrics metrics;

    public HttpIpamClient(
            URI base,
            Credentials credentials,
            Duration connectTimeout,
            Duration answerTimeout,
            ControllerMetrics metrics) {
        this.metrics = metrics;
        this.http = new ServiceClient(
                new Peer("ipam-service", base, SETTING),
                credentials,
                new Codec(),
                Limits.once(connectTimeout, answerTimeout, LARGEST_ANSWER),
                new TokenLog());
    }

    @Override
    public Optional<NetworkState> network(String name) {
        return call(
                "get network",
                () -> http.find(
                        ErrorCode.NETWORK_UNKNOWN,
                        NetworkState.class,
                        ServiceRequest.get("/api/v1/networks/{name}", name)));
    }

    @Override
    public NetworkState putNetwork(NetworkDefinition definition) {
        return call(
                "put network",
                () -> http.fetch(
                        NetworkState.class,
                        ServiceRequest.put(definition, "/api/v1/networks/{name}", definition.name())));
    }

    @Override
    public void deleteNetwork(String name) {
        delete("delete network", ErrorCode.NETWORK_UNKNOWN, ServiceRequest.delete("/api/v1/networks/{name}", name));
    }

    @Override
    public Optional<NodeState> node(String name) {
        return call(
                "get node",
                () -> http.find(
                        ErrorCode.NODE_UNKNOWN, NodeState.class, ServiceRequest.get("/api/v1/nodes/{node}", name)));
    }

    @Override
    public List<NodeState> nodes() {
        return call(
                "list nodes",
                () -> List.of(http.fetch(NodeState[].class, ServiceRequest.get("/api/v1/nodes?superseded=true"))));
    }

    @Override
    public void putNode(String name, NodeInventory inventory) {
        call("put node", () -> http.send(ServiceRequest.put(inventory, "/api/v1/nodes/{node}", name)));
    }

    @Override
    public QuarantineState quarantine() {
        return call(
                "get quarantine", () -> http.fetch(QuarantineState.class, ServiceRequest.get("/api/v1/quarantine")));
    }

    @Override
    public void retireNode(String name, String uid, boolean gone) {
        delete(
                "retire node",
                ErrorCode.NODE_UNKNOWN,
                ServiceRequest.delete("/api/v1/nodes/{node}?uid={uid}" + (gone ? "&gone=true" : ""), name, uid));
    }

    /// Deletes an object; one that ipam-service does not know is deleted already.
    private void delete(String operation, ErrorCode unknown, ServiceRequest request) {
        call(operation, () -> {
            try {
                return http.send(request).status();
            } catch (ServiceException e) {
                if (e.code() == unknown) {
                    return e.status();
                }
                throw e;
            }
        });
    }

    @FunctionalInterface
    private interface Request<T> {
        T send() throws InterruptedException;
    }

    private <T> T call(String operation, Request<T> request) {
        long start = System.nanoTime();
        String outcome = "unavailable";
        try {
            T answer = request.send();
            outcome = "success";
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MultiNicException(ErrorCode.TRY_AGAIN_LATER, operation + " was interrupted", e);
        } catch (ServiceException e) {
            if (e.code().kind() == ErrorKind.TRANSIENT) {
                throw e;
            }
            outcome = "refused";
            // The reason appears in the status of user objects, where the name of the request explains nothing.
            throw new MultiNicException(e.code(), e.detail().orElse(e.code().name()), e);
        } finally {
            metrics.ipamRequest(operation, outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /// The reason why ipam-service refuses the controller's token; empty while it does not.
    public Optional<String> tokenRefusal() {
        return http.tokenRefusal();
    }

    @Override
    public void close() {
        http.close();
    }

    private static final class Codec implements JsonCodec {
        @Override
        public byte[] write(Object value) {
            return JsonMapper.shared().writeValueAsBytes(value);
        }

        @Override
        public <T> T read(byte[] json, Class<T> type) throws IOException {
            try {
                return JsonMapper.shared().readValue(json, type);
            } catch (JacksonException e) {
                throw new IOException(e.getOriginalMessage(), e);
            }
        }
    }

    private static final class TokenLog implements TokenListener {
        @Override
        public void refused(int status, String reason) {
            log.atWarn()
                    .addKeyValue("status", status)
                    .addKeyValue("reason", reason)
                    .log("ipam-service refuses the controller's token, retrying");
        }

        @Override
        public void accepted() {
            log.atInfo().log("ipam-service accepts the controller's token");
        }
    }
}
