package io.multinic.ipam.bench;

import io.multinic.contract.trust.Credentials;
import io.multinic.ipam.support.IpamProcess;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.TestCa;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The service as deployed: its own process with the JVM flags of the image, TLS, tokens, and the heap that follows
/// from the memory limit of the chart.
final class BenchService {
    private static final int HEAP_MIB = 320;

    private final Database database = TestPostgres.newDatabase();
    private final TestTokens tokens = TestTokens.ec();
    private final Credentials trusted;
    private final HttpClient http;
    private final IpamProcess process;

    BenchService() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(Path.of("target"), "bench").toAbsolutePath();
        var ca = new TestCa(directory.resolve("ca"));
        ca.issue(directory);
        Path keys = Files.writeString(directory.resolve("keys.pem"), tokens.pem());
        trusted = new Credentials(null, ca.certificate());
        http = HttpClient.newBuilder().sslContext(trusted.tls()).build();
        process = IpamProcess.start(
                List.of("env", "JDK_JAVA_OPTIONS=-Xmx" + HEAP_MIB + "m"),
                directory.resolve("service.log"),
                http,
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--spring.ssl.bundle.pem.ipam.keystore.certificate=" + directory.resolve("tls.crt"),
                "--spring.ssl.bundle.pem.ipam.keystore.private-key=" + directory.resolve("tls.key"),
                "--multi-nic.ipam.security.keys=" + keys,
                "--multi-nic.ipam.security.roles.admin=" + TestTokens.ADMIN,
                "--multi-nic.ipam.security.roles.agent=" + TestTokens.AGENT);
        while (!process.answers("/actuator/health/readiness")) {
            if (!process.process().isAlive()) {
                throw new IllegalStateException("the service ended; see " + directory);
            }
            Thread.sleep(100);
        }
    }

    Database database() {
        return database;
    }

    Rest rest() {
        return process.rest().with(tokens.of(TestTokens.ADMIN));
    }

    /// Starts clients that request their path, for the agents of node1 to node`count`.
    WaitingAgents startAgents(int count, Function<String, String> path) {
        return new WaitingAgents(
                trusted.tls().getSocketFactory(),
                process.port(),
                IntStream.rangeClosed(1, count)
                        .mapToObj(node -> "node" + node)
                        .collect(Collectors.toMap(path, tokens::agent)));
    }

    int waitingPolls() {
        return rest().get("/actuator/prometheus", "text/plain")
                .response()
                .body()
                .lines()
                .filter(line -> line.startsWith("multi_nic_ipam_poll_waiters"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /// The anonymous memory of the process.
    long anonymousMiB() {
        try (var lines = Files.lines(Path.of("/proc/" + process.process().pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                            .sum()
                    / 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void stop() throws InterruptedException {
        http.close();
        process.process().destroyForcibly().waitFor();
    }
}
