package io.multinic.contract.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// Certificate authorities made by openssl in a directory, and HTTPS servers with certificates of theirs.
public final class TestCertificates implements AutoCloseable {
    private final Path directory;
    private final List<HttpsServer> servers = new ArrayList<>();

    public TestCertificates(Path directory) {
        this.directory = directory;
    }

    private void openssl(String arguments) {
        var line = new ArrayList<>(List.of("openssl"));
        line.addAll(List.of(arguments.split(" ", -1)));
        try {
            var process = new ProcessBuilder(line)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @return the PEM file of the new authority
    public Path ca(String name) {
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name + " -keyout "
                + name + ".key -out " + name + ".crt");
        return directory.resolve(name + ".crt");
    }

    /// Starts a server on 127.0.0.1 with a certificate that the CA has issued for `address`.
    public URI server(String ca, String address, HttpHandler handler) throws Exception {
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
        server.createContext("/", handler);
        server.start();
        servers.add(server);
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    /// Replaces a file at once, as a kubelet does.
    public static void replace(Path file, Path by) throws IOException {
        Path next = file.resolveSibling("next");
        Files.copy(by, next);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
    }
}
