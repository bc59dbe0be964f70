package io.multinic.ipam.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.ipam.support.FakeKeyServer;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.TestCa;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestService;
import io.multinic.ipam.support.TestTokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Authentication with tokens that an API server signs.
class KubernetesTokensIT {
    @TempDir
    private Path directory;

    @Test
    void tokensAreVerifiedByApiServerKeysAndNotRefusedWhileItIsDown() throws Exception {
        var tokens = TestTokens.rsa();
        var ca = new TestCa(directory.resolve("ca"));
        ca.issue(directory);
        Files.writeString(directory.resolve("token"), "ours");
        try (var keys = new FakeKeyServer(directory, "ours");
                var service = TestService.on(
                        TestPostgres.newDatabase(),
                        "--multi-nic.ipam.security.enabled=true",
                        "--multi-nic.ipam.security.jwks-uri=" + keys.jwks("localhost"),
                        "--multi-nic.ipam.security.jwks-token-file=" + directory.resolve("token"),
                        "--multi-nic.ipam.security.jwks-ca=" + ca.certificate(),
                        "--multi-nic.ipam.security.roles.reader=a," + TestTokens.READER)) {
            keys.publish(tokens);
            keys.down(true);
            Rest reader = service.rest().with(tokens.of(TestTokens.READER));
            Rest.Answer unknown = reader.get("/api/v1/networks");
            assertThat(unknown.status()).isEqualTo(503);
            assertThat(unknown.contentType()).isEqualTo("application/problem+json");
            assertThat(unknown.code()).isEqualTo("TRY_AGAIN_LATER");
            assertThat(unknown.detail()).contains("cannot tell now whether the token counts");
            assertThat(unknown.response().headers().firstValue("Retry-After")).isPresent();
            assertThat(service.rest().get("/actuator/health/readiness").status())
                    .isEqualTo(200);
            assertThat(service.rest().get("/api/v1/networks").status())
                    .as("a request without token needs no keys")
                    .isEqualTo(401);

            keys.down(false);
            long start = System.nanoTime();
            while (reader.get("/api/v1/networks").status() == 503) {
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
                Thread.sleep(200);
            }
            assertThat(reader.get("/api/v1/networks").status()).isEqualTo(200);
            assertThat(service.rest()
                            .with(tokens.of(TestTokens.READER, claims -> claims.issuer("https://elsewhere")))
                            .get("/api/v1/networks")
                            .detail())
                    .contains("takes those of " + TestTokens.ISSUER);

            keys.down(true);
            assertThat(reader.get("/api/v1/networks").status())
                    .as("known keys stay trusted")
                    .isEqualTo(200);
        }
    }
}
