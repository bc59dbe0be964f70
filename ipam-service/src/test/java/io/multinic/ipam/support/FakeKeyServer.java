package io.multinic.ipam.support;

import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import tools.jackson.databind.json.JsonMapper;

/// The endpoints `/openid/v1/jwks` and `/.well-known/openid-configuration` of an API server; they require a token.
public final class FakeKeyServer implements AutoCloseable {
    private final HttpsServer http;
    private final String token;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean down;
    private volatile List<TestTokens> keys = List.of();

    /// @param tls the directory of `tls.crt` and `tls.key`
    /// @param token the token that requests must have
    public FakeKeyServer(Path tls, String token) throws Exception {
        this.token = token;
        http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setHttpsConfigurator(new HttpsConfigurator(context(tls)));
        http.createContext("/openid/v1/jwks", exchange -> answer(exchange, this::jwks));
        http.createContext(
                "/.well-known/openid-configuration",
                exchange -> answer(
                        exchange,
                        () -> JsonMapper.shared()
                                .writeValueAsString(
                                        Map.of("issuer", TestTokens.ISSUER, "jwks_uri", "https://192.0.2.1/jwks"))));
        http.start();
    }

    private static SSLContext context(Path tls) throws Exception {
        var details = PemSslStoreDetails.forCertificate(
                        tls.resolve("tls.crt").toUri().toString())
                .withPrivateKey(tls.resolve("tls.key").toUri().toString());
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(new PemSslStoreBundle(details, null).getKeyStore(), null);
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    @FunctionalInterface
    private interface Body {
        String text();
    }

    private String jwks() {
        requests.incrementAndGet();
        return new JWKSet(keys.stream().map(TestTokens::publicKey).toList()).toString();
    }

    private void answer(HttpExchange exchange, Body body) throws IOException {
        try (exchange) {
            boolean known =
                    ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (down || !known) {
                exchange.sendResponseHeaders(down ? 503 : 403, -1);
                return;
            }
            byte[] bytes = body.text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/jwk-set+json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    public URI jwks(String host) {
        return URI.create("https://" + host + ":" + http.getAddress().getPort() + "/openid/v1/jwks");
    }

    public void publish(TestTokens... now) {
        keys = Arrays.asList(now);
    }

    public void down(boolean now) {
        down = now;
    }

    /// The number of answered requests for the keys.
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
