package io.multinic.ipam.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jwt.SignedJWT;
import io.multinic.contract.trust.Credentials;
import io.multinic.ipam.support.FakeKeyServer;
import io.multinic.ipam.support.TestCa;
import io.multinic.ipam.support.TestTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiServerKeySourceIT {
    private static final ApiServerKeySource.RefreshPolicy REFRESH_POLICY =
            new ApiServerKeySource.RefreshPolicy(Duration.ofSeconds(10), Duration.ofMinutes(5));

    @TempDir
    private Path directory;

    private final TestTokens first = TestTokens.rsa();
    private final TestTokens second = TestTokens.ec();
    private TestCa ca;
    private FakeKeyServer server;
    private ApiServerKeySource keys;
    private Instant now = Instant.parse("2026-11-24T00:00:00Z");

    @BeforeEach
    void start() throws Exception {
        ca = new TestCa(directory.resolve("ca"));
        ca.issue(directory);
        server = new FakeKeyServer(directory, "ours");
        server.publish(first);
        Files.writeString(directory.resolve("token"), "ours\n");
        keys = new ApiServerKeySource(
                server.jwks("127.0.0.1"),
                new Credentials(directory.resolve("token"), ca.certificate()),
                REFRESH_POLICY,
                () -> now);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private boolean knows(TestTokens tokens) throws KeySourceException, ParseException {
        var header = SignedJWT.parse(tokens.of("a")).getHeader();
        return !keys.keySelector().selectJWSKeys(header, null).isEmpty();
    }

    @Test
    void keyIsRequestedOnce() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(knows(first)).isTrue();
        }
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void unknownKeyIsRequestedAtOnceWithinTheRateLimit() throws Exception {
        assertThat(knows(first)).isTrue();
        now = now.plus(REFRESH_POLICY.minInterval());
        server.publish(first, second);
        assertThat(knows(second)).as("rotated key").isTrue();
        assertThat(server.requests()).isEqualTo(2);

        var stranger = TestTokens.ec();
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> knows(stranger)).hasMessageContaining("was asked a moment ago");
            assertThat(knows(first)).as("known keys are not affected").isTrue();
        }
        assertThat(server.requests()).isEqualTo(2);
        now = now.plus(REFRESH_POLICY.minInterval());
        assertThat(knows(stranger)).isFalse();
        assertThat(server.requests()).isEqualTo(3);
    }

    @Test
    void knownKeysAreTrustedWhileTheServerIsDown() throws Exception {
        assertThat(knows(first)).isTrue();
        server.down(true);
        for (int i = 0; i < 3; i++) {
            now = now.plus(REFRESH_POLICY.maxAge());
            assertThat(knows(first)).isTrue();
            assertThatThrownBy(() -> knows(second)).isInstanceOf(KeySourceException.class);
        }
        server.down(false);
        server.publish(second);
        now = now.plus(REFRESH_POLICY.minInterval());
        assertThat(knows(second)).isTrue();
        now = now.plus(REFRESH_POLICY.minInterval());
        assertThat(knows(first)).as("removed key").isFalse();
    }

    @Test
    void removedKeyExpiresWithoutRequestForUnknownKey() throws Exception {
        assertThat(knows(first)).isTrue();
        server.publish(second);
        now = now.plus(REFRESH_POLICY.maxAge());
        assertThat(knows(first)).as("the refresh runs in the background").isTrue();
        for (int i = 0; server.requests() < 2 || knownFor(first); i++) {
            assertThat(i).isLessThan(500);
            Thread.sleep(10);
        }
    }

    private boolean knownFor(TestTokens tokens) throws ParseException {
        try {
            return knows(tokens);
        } catch (KeySourceException e) {
            return false;
        }
    }

    @Test
    void missingKeysAreReportedAsUnavailable() throws Exception {
        server.down(true);
        assertThatThrownBy(() -> knows(first)).isInstanceOf(KeySourceException.class);
        server.down(false);
        now = now.plus(REFRESH_POLICY.minInterval());
        assertThat(knows(first)).isTrue();
    }

    @Test
    void changedTokenFileIsReadAgain() throws Exception {
        Files.writeString(directory.resolve("token"), "of-yesterday");
        assertThatThrownBy(() -> knows(first))
                .isInstanceOf(KeySourceException.class)
                .hasRootCauseMessage("GET " + server.jwks("127.0.0.1") + " was answered with 403");
        Files.writeString(directory.resolve("token"), "ours");
        now = now.plus(REFRESH_POLICY.minInterval());
        assertThat(knows(first)).isTrue();
    }

    @Test
    void serverWithUntrustedCertificateIsRejected() throws IOException {
        var other = new TestCa(directory.resolve("other"));
        Files.copy(other.certificate(), ca.certificate(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> knows(first)).isInstanceOf(KeySourceException.class);
        assertThatThrownBy(keys::issuer)
                .isInstanceOf(KeysUnavailableException.class)
                .hasMessageContaining("PKIX");
    }

    @Test
    void issuerIsReadFromTheServerOnce() {
        server.down(true);
        assertThatThrownBy(keys::issuer).isInstanceOf(KeysUnavailableException.class);
        server.down(false);
        assertThat(keys.issuer()).isEqualTo(TestTokens.ISSUER);
        server.down(true);
        assertThat(keys.issuer()).as("requested once").isEqualTo(TestTokens.ISSUER);
    }
}
