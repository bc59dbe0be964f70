package io.multinic.lab.client;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.http.JsonCodec;
import io.multinic.contract.http.ServiceClient;
import io.multinic.contract.http.ServiceRequest;
import io.multinic.contract.trust.Credentials;
import io.multinic.lab.process.LabException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Sends requests to ipam-service with the token and the certificate authority of an account. Each request is sent
/// once: callers that wait for a state poll.
public final class HttpTransport implements IpamApi.Transport, AutoCloseable {
    /// For the connection as for the answer: a service that has just started on a busy machine needs seconds for a
    /// handshake.
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int LARGEST_ANSWER = 64 * 1024 * 1024;

    private final ServiceClient client;

    public HttpTransport(URI url, Credentials credentials) {
        client = new ServiceClient(
                new ServiceClient.Peer("ipam-service", url, "the URL of ipam-service"),
                credentials,
                new Fabric8Json(),
                ServiceClient.Limits.once(LIMIT, LIMIT, LARGEST_ANSWER),
                ServiceClient.TokenListener.NONE);
    }

    @Override
    public String get(String path) {
        try {
            return new String(client.send(ServiceRequest.get(path)).body(), StandardCharsets.UTF_8);
        } catch (MultiNicException e) {
            throw new LabException("GET " + path + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("GET " + path + ": interrupted", e);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /// Reads and writes JSON with the mapper of fabric8's client.
    private static final class Fabric8Json implements JsonCodec {
        @Override
        public byte[] write(Object value) {
            return Serialization.asJson(value).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public <T> T read(byte[] json, Class<T> type) throws IOException {
            try {
                return Serialization.unmarshal(new String(json, StandardCharsets.UTF_8), type);
            } catch (KubernetesClientException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }
}
