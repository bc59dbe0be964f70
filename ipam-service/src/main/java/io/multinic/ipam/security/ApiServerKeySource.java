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

/// The Kubernetes API server, as the one that signs service-account tokens: it publishes its keys and its name.
///
/// Keys are kept, and asked for again when they are old or a token names one that is not among them. While the API
/// server is away those that are known hold, however long that takes; of a key that is not known, nothing can be said
/// then, neither that it counts nor that it does not.
public final class ApiServerKeySource implements JWKSource<SecurityContext> {
    private static final Logger log = LoggerFactory.getLogger(ApiServerKeySource.class);
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int LARGEST_ANSWER = 1 << 20;

    private final URI address;
    private final Credentials credentials;
    private final Pace pace;
    private final InstantSource clock;
    private final HttpClient http;
    private volatile Known known = new Known(new JWKSet(), Instant.MIN);
    private volatile Instant asked = Instant.MIN;
    private volatile @Nullable String issuer;
    private @Nullable String failure;

    /// @param pause between two questions
    /// @param old from when on keys are asked for again although nobody misses one
    public record Pace(Duration pause, Duration old) {}

    private record Known(JWKSet keys, Instant since) {}

    /// @param address its JSON Web Key Set, such as `https://kubernetes.default.svc/openid/v1/jwks`
    /// @param credentials with what it is asked
    public ApiServerKeySource(URI address, Credentials credentials, Pace pace, InstantSource clock) {
        this.address = address;
        this.credentials = credentials;
        this.pace = pace;
        this.clock = clock;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .sslContext(credentials.tls())
                .build();
    }

    public JWSKeySelector<SecurityContext> keySelector() {
        return new JWSVerificationKeySelector<>(Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256), this);
    }

    /// @throws KeySourceException where none fits and the API server cannot be asked, or not again so soon
    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        Known before = known;
        List<JWK> found = selector.select(before.keys());
        if (found.isEmpty()) {
            return selector.select(askAnew(before).keys());
        }
        if (isOver(before.since(), pace.old()) && isOver(asked, pace.pause())) {
            Thread.ofVirtual().name("api-server-keys").start(() -> askUnasked(before));
        }
        return found;
    }

    /// @param before what was known to whoever misses a key; others may have asked since
    private synchronized Known askAnew(Known before) throws KeySourceException {
        if (!known.equals(before)) {
            return known;
        }
        if (!isOver(asked, pace.pause())) {
            throw new KeySourceException(
                    failure != null ? failure : "no key fits the token; " + address + " was asked a moment ago");
        }
        asked = clock.instant();
        try {
            known = new Known(JWKSet.parse(retrieve(address)), asked);
        } catch (IOException | ParseException e) {
            failed(String.valueOf(e.getMessage()));
            throw new KeySourceException(String.valueOf(e.getMessage()), e);
        }
        if (failure != null) {
            failure = null;
            log.info("the API server tells its keys again");
        }
        return known;
    }

    private synchronized void failed(String reason) {
        if (!reason.equals(failure)) {
            failure = reason;
            log.atWarn()
                    .addKeyValue("reason", reason)
                    .log("the API server does not tell its keys; those that are known hold");
        }
    }

    private void askUnasked(Known before) {
        try {
            var _ = askAnew(before);
        } catch (KeySourceException e) {
            log.debug("asked again later", e);
        }
    }

    /// `Instant.MIN` is over whatever the time.
    private boolean isOver(Instant since, Duration time) {
        return since.equals(Instant.MIN) || !clock.instant().isBefore(since.plus(time));
    }

    /// The issuer as the API server names itself; asked for once.
    ///
    /// @throws KeysUnavailableException where it cannot be asked
    public String issuer() {
        String named = issuer;
        if (named == null) {
            named = askForIssuer(address.resolve("/.well-known/openid-configuration"));
            issuer = named;
        }
        return named;
    }

    private String askForIssuer(URI discovery) {
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
            var request = HttpRequest.newBuilder(uri).timeout(ANSWER);
            credentials.authorization().ifPresent(value -> request.header("Authorization", value));
            response = http.send(request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST_ANSWER));
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
