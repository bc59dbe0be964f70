package io.multinic.ipam.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.trust.Credentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keys and issuer of a Kubernetes API server, which signs service-account tokens.
///
/// Keys are cached, and fetched again when they are old or a token names an unknown one. While the API server is
/// unavailable the cached keys remain valid, without a time limit; a token with an unknown key can then be neither
/// accepted nor rejected.
public final class ApiServerKeySource implements JWKSource<SecurityContext> {
    private static final Logger log = LoggerFactory.getLogger(ApiServerKeySource.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_RESPONSE_BYTES = 1 << 20;

    private final URI address;
    private final Credentials credentials;
    private final RefreshPolicy policy;
    private final InstantSource clock;
    private final HttpClient http;
    private volatile FetchedKeys cached = new FetchedKeys(new JWKSet(), Instant.MIN);
    private volatile Instant lastRequest = Instant.MIN;
    private volatile @Nullable String issuer;
    private @Nullable String failure;

    /// @param minInterval minimum time between two requests
    /// @param maxAge age at which keys are fetched again although none is missing
    public record RefreshPolicy(Duration minInterval, Duration maxAge) {}

    private record FetchedKeys(JWKSet keys, Instant fetchedAt) {}

    /// @param address of its JSON Web Key Set, such as `https://kubernetes.default.svc/openid/v1/jwks`
    /// @param credentials for requests to it
    public ApiServerKeySource(URI address, Credentials credentials, RefreshPolicy policy, InstantSource clock) {
        this.address = address;
        this.credentials = credentials;
        this.policy = policy;
        this.clock = clock;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(credentials.tls())
                .build();
    }

    public JWSKeySelector<SecurityContext> keySelector() {
        return new JWSVerificationKeySelector<>(Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256), this);
    }

    /// @throws KeySourceException if no key matches and the API server cannot be reached, or was queried too
    ///     recently
    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        FetchedKeys before = cached;
        List<JWK> found = selector.select(before.keys());
        if (found.isEmpty()) {
            return selector.select(fetchKeys(before).keys());
        }
        if (hasPassed(before.fetchedAt(), policy.maxAge()) && hasPassed(lastRequest, policy.minInterval())) {
            Thread.ofVirtual().name("api-server-keys").start(() -> refreshInBackground(before));
        }
        return found;
    }

    /// @param before the cached keys that lacked a key; another thread may have fetched new ones since
    private synchronized FetchedKeys fetchKeys(FetchedKeys before) throws KeySourceException {
        if (!cached.equals(before)) {
            return cached;
        }
        if (!hasPassed(lastRequest, policy.minInterval())) {
            throw new KeySourceException(
                    failure != null ? failure : "no key fits the token; " + address + " was asked a moment ago");
        }
        lastRequest = clock.instant();
        try {
            cached = new FetchedKeys(JWKSet.parse(retrieve(address)), lastRequest);
        } catch (IOException | ParseException e) {
            failed(String.valueOf(e.getMessage()));
            throw new KeySourceException(String.valueOf(e.getMessage()), e);
        }
        if (failure != null) {
            failure = null;
            log.info("API server keys available again");
        }
        return cached;
    }

    private synchronized void failed(String reason) {
        if (!reason.equals(failure)) {
            failure = reason;
            log.atWarn().addKeyValue("reason", reason).log("API server keys unavailable; cached keys stay valid");
        }
    }

    private void refreshInBackground(FetchedKeys before) {
        try {
            var _ = fetchKeys(before);
        } catch (KeySourceException e) {
            log.debug("keys not refreshed; retrying later", e);
        }
    }

    /// Returns true if the duration has passed; always for `Instant.MIN`.
    private boolean hasPassed(Instant fetchedAt, Duration time) {
        return fetchedAt.equals(Instant.MIN) || !clock.instant().isBefore(fetchedAt.plus(time));
    }

    /// Issuer that the API server announces; fetched once.
    ///
    /// @throws KeysUnavailableException if it cannot be fetched
    public String issuer() {
        String named = issuer;
        if (named == null) {
            named = fetchIssuer(address.resolve("/.well-known/openid-configuration"));
            issuer = named;
        }
        return named;
    }

    private String fetchIssuer(URI discovery) {
        try {
            String found = JSONObjectUtils.getString(JSONObjectUtils.parse(retrieve(discovery)), "issuer");
            if (found == null || found.isEmpty()) {
                throw new KeysUnavailableException(discovery + " names no issuer", null);
            }
            return found;
        } catch (IOException | ParseException e) {
            throw new KeysUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    private String retrieve(URI uri) throws IOException {
        HttpResponse<String> response;
        try {
            var request = HttpRequest.newBuilder(uri).timeout(RESPONSE_TIMEOUT);
            credentials.authorization().ifPresent(value -> request.header("Authorization", value));
            response = http.send(request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), MAX_RESPONSE_BYTES));
        } catch (MultiNicException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("GET " + uri + " was interrupted", e);
        } catch (IOException e) {
            throw new IOException("GET " + uri + ": " + e, e);
        }
        if (response.statusCode() != 200) {
            throw new IOException("GET " + uri + " was answered with " + response.statusCode());
        }
        return response.body();
    }
}
