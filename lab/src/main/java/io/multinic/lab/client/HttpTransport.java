package io.multinic.lab.client;

import io.multinic.contract.trust.Credentials;
import io.multinic.lab.process.LabException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Sends requests to ipam-service with the token and the certificate authority of an account.
public final class HttpTransport implements IpamApi.Transport {
    private final URI url;
    private final Credentials credentials;
    private final HttpClient http;

    public HttpTransport(URI url, Credentials credentials) {
        this.url = url;
        this.credentials = credentials;
        http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(2))
                .sslContext(credentials.tls())
                .build();
    }

    @Override
    public String get(String path) {
        try {
            var request = HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofSeconds(10));
            credentials.authorization().ifPresent(value -> request.header("Authorization", value));
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new LabException("GET " + path + ": " + response.statusCode() + " " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new LabException("GET " + path + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("GET " + path + ": interrupted", e);
        }
    }
}
