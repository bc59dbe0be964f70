package io.multinic.contract.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files as a kubelet mounts and renews them, and real handshakes.
class CredentialsIT {
    @TempDir
    private Path directory;

    private final List<HttpsServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(server -> server.stop(0));
    }

    private void openssl(String arguments) {
        var line = new ArrayList<>(List.of("openssl"));
        line.addAll(List.of(arguments.split(" ", -1)));
        try {
            var process = new ProcessBuilder(line)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path ca(String name) {
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name + " -keyout "
                + name + ".key -out " + name + ".crt");
        return directory.resolve(name + ".crt");
    }

    /// Answers on 127.0.0.1 by a certificate that the CA has issued for `address`.
    private URI server(String ca, String address) throws Exception {
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=server -CA " + ca
                + ".crt -CAkey " + ca + ".key -addext subjectAltName=IP:" + address + " -keyout s.key -out s.crt");
        openssl("pkcs12 -export -in s.crt -inkey s.key -passout pass:secret -out s.p12");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(directory.resolve("s.p12"))) {
            store.load(file, "secret".toCharArray());
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "secret".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
        servers.add(server);
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    private static int ask(HttpClient client, URI uri) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                .statusCode();
    }

    private static HttpClient client(Credentials credentials) {
        return HttpClient.newBuilder().sslContext(credentials.tls()).build();
    }

    private static void replace(Path file, Path by) throws IOException {
        Path next = file.resolveSibling("next");
        Files.copy(by, next);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aClientFollowsTheCaFileWithoutBeingMadeAnew() throws Exception {
        Path first = ca("first");
        Path second = ca("second");
        Path trusted = directory.resolve("ca.crt");
        Files.copy(first, trusted);
        URI old = server("first", "127.0.0.1");
        URI renewed = server("second", "127.0.0.1");
        try (HttpClient client = client(new Credentials(null, trusted))) {
            assertThat(ask(client, old)).isEqualTo(204);
            assertThatThrownBy(() -> ask(client, renewed)).hasMessageContaining("PKIX");

            replace(trusted, second);
            assertThat(ask(client, renewed)).isEqualTo(204);

            Files.writeString(trusted, Files.readString(first) + Files.readString(second));
            assertThat(ask(client, server("first", "127.0.0.1")))
                    .as("while the change is under way both are there")
                    .isEqualTo(204);
            assertThat(ask(client, server("second", "127.0.0.1"))).isEqualTo(204);
        }
    }

    @Test
    void aCertificateForAnotherAddressIsRefused() throws Exception {
        Path ca = ca("ca");
        URI other = server("ca", "192.0.2.1");
        try (HttpClient client = client(new Credentials(null, ca))) {
            assertThatThrownBy(() -> ask(client, other)).hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void aCaFileThatIsNoneIsNamedAndTrustsNobody() throws Exception {
        ca("ca");
        URI uri = server("ca", "127.0.0.1");
        Path trusted = directory.resolve("trusted.crt");
        try (HttpClient client = client(new Credentials(null, trusted))) {
            assertThatThrownBy(() -> ask(client, uri)).hasMessageContaining("CA file " + trusted);
            Files.writeString(trusted, "");
            assertThatThrownBy(() -> ask(client, uri)).hasMessageContaining("no certificate");
            Files.copy(directory.resolve("ca.crt"), trusted, StandardCopyOption.REPLACE_EXISTING);
            assertThat(ask(client, uri)).isEqualTo(204);
        }
    }

    @Test
    void aRenewedTokenIsSentFromTheNextRequestOn() throws IOException {
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
    void aTokenFileThatIsNoneIsNamedAndItsContentIsNot() throws IOException {
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
