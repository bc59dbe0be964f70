package io.multinic.contract.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests token and CA files as a kubelet mounts and renews them, with real TLS handshakes.
class CredentialsIT {
    @TempDir
    private Path directory;

    private TestCertificates certificates;

    @BeforeEach
    void start() {
        certificates = new TestCertificates(directory);
    }

    @AfterEach
    void stop() {
        certificates.close();
    }

    private URI server(String ca, String address) throws Exception {
        return certificates.server(ca, address, exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(204, -1);
            }
        });
    }

    private static int statusOf(HttpClient client, URI uri) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                .statusCode();
    }

    private static HttpClient client(Credentials credentials) {
        return HttpClient.newBuilder().sslContext(credentials.tls()).build();
    }

    @Test
    void clientUsesTheRenewedCaFileForNewConnections() throws Exception {
        Path first = certificates.ca("first");
        Path second = certificates.ca("second");
        Path trusted = directory.resolve("ca.crt");
        Files.copy(first, trusted);
        URI old = server("first", "127.0.0.1");
        URI renewed = server("second", "127.0.0.1");
        try (HttpClient client = client(new Credentials(null, trusted))) {
            assertThat(statusOf(client, old)).isEqualTo(204);
            assertThatThrownBy(() -> statusOf(client, renewed)).hasMessageContaining("PKIX");

            TestCertificates.replace(trusted, second);
            assertThat(statusOf(client, renewed)).isEqualTo(204);

            Files.writeString(trusted, Files.readString(first) + Files.readString(second));
            assertThat(statusOf(client, server("first", "127.0.0.1")))
                    .as("both CAs are trusted while they are exchanged")
                    .isEqualTo(204);
            assertThat(statusOf(client, server("second", "127.0.0.1"))).isEqualTo(204);
        }
    }

    @Test
    void certificateForAnotherAddressIsRefused() throws Exception {
        Path ca = certificates.ca("ca");
        URI other = server("ca", "192.0.2.1");
        try (HttpClient client = client(new Credentials(null, ca))) {
            assertThatThrownBy(() -> statusOf(client, other)).hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void unusableCaFileIsNamedAndNoServerIsTrusted() throws Exception {
        certificates.ca("ca");
        URI uri = server("ca", "127.0.0.1");
        Path trusted = directory.resolve("trusted.crt");
        try (HttpClient client = client(new Credentials(null, trusted))) {
            assertThatThrownBy(() -> statusOf(client, uri)).hasMessageContaining("CA file " + trusted);
            Files.writeString(trusted, "");
            assertThatThrownBy(() -> statusOf(client, uri)).hasMessageContaining("no certificate");
            Files.copy(directory.resolve("ca.crt"), trusted, StandardCopyOption.REPLACE_EXISTING);
            assertThat(statusOf(client, uri)).isEqualTo(204);
        }
    }

    @Test
    void renewedTokenIsReturnedAtTheNextCall() throws IOException {
        Path first = Files.createDirectory(directory.resolve("..1"));
        Path second = Files.createDirectory(directory.resolve("..2"));
        Files.writeString(first.resolve("token"), "one\n");
        Files.writeString(second.resolve("token"), "two\n");
        Files.setLastModifiedTime(second.resolve("token"), Files.getLastModifiedTime(first.resolve("token")));
        Path data = directory.resolve("..data");
        Files.createSymbolicLink(data, Path.of("..1"));
        Path token = Files.createSymbolicLink(directory.resolve("token"), Path.of("..data", "token"));
        var credentials = new Credentials(token, null);
        assertThat(credentials.authorization()).contains("Bearer one");

        Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..2"));
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        assertThat(credentials.authorization()).contains("Bearer two");
    }

    @Test
    void unusableTokenFileIsNamedButNotItsContent() throws IOException {
        Path token = directory.resolve("token");
        var credentials = new Credentials(token, null);
        assertThatThrownBy(credentials::authorization)
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER))
                .hasMessage("token file " + token + " cannot be read: NoSuchFileException");
        Files.writeString(token, "\n");
        assertThatThrownBy(credentials::authorization).hasMessageContaining("it is empty");
        Files.writeString(token, "secret\nX-Other: header");
        assertThatThrownBy(credentials::authorization)
                .hasMessageContaining("not one line of ASCII")
                .hasMessageNotContaining("secret");
        assertThat(Credentials.none().authorization()).isEmpty();
    }
}
