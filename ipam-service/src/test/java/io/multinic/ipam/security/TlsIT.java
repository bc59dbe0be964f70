package io.multinic.ipam.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestCa;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// The certificate of the service: mounted, renewed and invalid.
@ExtendWith(OutputCaptureExtension.class)
class TlsIT {
    @TempDir
    private Path directory;

    /// Mounts as a kubelet mounts a Secret: file names are links through `..data`, which is replaced atomically.
    private void mount(TestCa ca, String version) throws IOException {
        Path target = Files.createDirectories(directory.resolve("tls/.." + version));
        ca.issue(target);
        Path next = directory.resolve("tls/..data_tmp");
        Files.createSymbolicLink(next, Path.of(".." + version));
        Files.move(next, directory.resolve("tls/..data"), StandardCopyOption.ATOMIC_MOVE);
        for (String name : List.of("tls.crt", "tls.key")) {
            Path link = directory.resolve("tls").resolve(name);
            if (!Files.exists(link)) {
                Files.createSymbolicLink(link, Path.of("..data", name));
            }
        }
    }

    private TestService service() {
        return TestService.on(
                TestPostgres.newDatabase(),
                "--spring.ssl.bundle.pem.ipam.keystore.certificate=" + directory.resolve("tls/tls.crt"),
                "--spring.ssl.bundle.pem.ipam.keystore.private-key=" + directory.resolve("tls/tls.key"),
                "--spring.ssl.bundle.watch.file.quiet-period=50ms");
    }

    private static Rest trusting(TestService service, TestCa ca) {
        return service.rest().over(new Credentials(null, ca.certificate()).tls());
    }

    @Test
    void renewedCertificateIsUsedWithoutRestartAndPollsSurvive() throws Exception {
        var old = new TestCa(directory.resolve("old"));
        var renewed = new TestCa(directory.resolve("renewed"));
        mount(old, "1");
        try (var service = service()) {
            Rest rest = trusting(service, old);
            rest.put("/api/v1/networks/net", Samples.network("net"));
            rest.put("/api/v1/nodes/node1", Samples.node(1));
            var known = rest.get("/api/v1/nodes/node1/plan/changes").as(PlanUpdate.class);
            long revision = Objects.requireNonNull(known.plan()).revision();
            var waiting = rest.getLater(
                    "/api/v1/nodes/node1/plan/changes?wait=60&history=" + known.history() + "&after=" + revision);
            assertThatThrownBy(() -> trusting(service, renewed).get("/actuator/health"))
                    .hasMessageContaining("PKIX");

            mount(renewed, "2");
            Rest after = trusting(service, renewed);
            long start = System.nanoTime();
            while (!answers(after)) {
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
                Thread.sleep(50);
            }
            after.put("/api/v1/nodes/node2", Samples.node(2));
            var update = waiting.orTimeout(20, TimeUnit.SECONDS).join().as(PlanUpdate.class);
            assertThat(Objects.requireNonNull(update.change()).revision())
                    .as("the poll that waited during the renewal")
                    .isNotEqualTo(revision);
        }
    }

    private static boolean answers(Rest rest) {
        try {
            return rest.get("/actuator/health").status() == 200;
        } catch (java.io.UncheckedIOException e) {
            return false;
        }
    }

    @Test
    void onlyTls12AndNewerIsAccepted() throws Exception {
        var ca = new TestCa(directory.resolve("ca"));
        mount(ca, "1");
        try (var service = service()) {
            var factory = new Credentials(null, ca.certificate()).tls().getSocketFactory();
            for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
                try (var socket = (SSLSocket) factory.createSocket("127.0.0.1", service.port())) {
                    socket.setEnabledProtocols(new String[] {protocol});
                    socket.startHandshake();
                    assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
                    assertThat(socket.getApplicationProtocol()).as("HTTP/2").isEmpty();
                }
            }
            try (var socket = (SSLSocket) factory.createSocket("127.0.0.1", service.port())) {
                socket.setEnabledProtocols(new String[] {"TLSv1.1"});
                assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
            }
        }
    }

    /// The kubelet's probes use the address of the pod.
    @Test
    void clientUsingAnotherHostNameIsServed() throws Exception {
        var ca = new TestCa(directory.resolve("ca"));
        mount(ca, "1");
        try (var service = service();
                var socket = new Credentials(null, ca.certificate())
                        .tls()
                        .getSocketFactory()
                        .createSocket("127.0.0.1", service.port())) {
            socket.getOutputStream()
                    .write("GET /actuator/health/liveness HTTP/1.0\r\nHost: 10.244.2.3:8443\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200");
        }
    }

    record Fault(String name, String file, String content, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Fault> faults() {
        return List.of(
                new Fault("certificate missing", "tls.crt", "", "tls/tls.crt"),
                new Fault("key missing", "tls.key", "", "tls/tls.key"),
                new Fault("no certificate in it", "tls.crt", "hello", "Missing certificates or unrecognized format"),
                new Fault("key of another certificate", "tls.key", "other", "matches none of the certificates"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void unusableFileIsReportedAtStart(Fault fault, CapturedOutput output) throws IOException {
        var ca = new TestCa(directory.resolve("ca"));
        mount(ca, "1");
        Path file = directory.resolve("tls").resolve(fault.file());
        Files.delete(file);
        if (fault.content().equals("other")) {
            Path other = Files.createDirectory(directory.resolve("other"));
            ca.issue(other);
            Files.copy(other.resolve(fault.file()), file);
        } else if (!fault.content().isEmpty()) {
            Files.writeString(file, fault.content());
        }
        assertThatThrownBy(this::service).isInstanceOf(Exception.class);
        assertThat(output.getOut())
                .contains("APPLICATION FAILED TO START")
                .contains("The web server's certificate or its private key cannot be used: ")
                .contains(fault.message());
    }
}
