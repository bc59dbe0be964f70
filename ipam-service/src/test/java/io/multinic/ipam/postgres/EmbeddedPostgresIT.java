package io.multinic.ipam.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.IpamProcess;
import io.multinic.ipam.support.Samples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The service as a process with an embedded PostgreSQL, under kills of every kind.
class EmbeddedPostgresIT {
    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    private final List<Process> processes = new ArrayList<>();
    private Path directory = Path.of("unset");

    @BeforeEach
    void newDirectory() throws IOException {
        directory = Files.createTempDirectory(Path.of("target"), "embedded").toAbsolutePath();
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        await("PostgreSQL to end", this::isLockFree);
    }

    /// Locks hold across namespaces, unlike process ids.
    private boolean isLockFree() {
        try {
            return new ProcessBuilder(
                                    "flock",
                                    "--nonblock",
                                    directory.resolve("lock").toString(),
                                    "true")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private IpamProcess start(String... prefix) throws IOException {
        var service = IpamProcess.start(
                List.of(prefix),
                directory.resolve("service.log"),
                HttpClient.newHttpClient(),
                "--spring.profiles.active=embedded",
                "--multi-nic.ipam.embedded.data-directory=" + directory);
        processes.add(service.process());
        return service;
    }

    private void awaitReady(IpamProcess service) {
        await("the service to be ready", () -> {
            if (!service.process().isAlive()) {
                throw new AssertionError("ended: " + log());
            }
            return service.answers("/actuator/health/readiness");
        });
    }

    private String log() {
        try {
            String log = Files.readString(directory.resolve("service.log"));
            return log.substring(Math.max(0, log.length() - 4_000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        Instant limit = Instant.now().plus(Duration.ofSeconds(90));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waiting for " + what).isBefore(limit);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private long postmaster() {
        try {
            return Long.parseLong(Files.readAllLines(directory.resolve("pgdata/postmaster.pid"))
                    .getFirst()
                    .strip());
        } catch (IOException e) {
            return 0;
        }
    }

    private static boolean isAlive(long pid) {
        return pid != 0 && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static void kill(long pid) {
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly)).hasValue(true);
    }

    /// The shells that supervise the postmaster.
    private static List<ProcessHandle> guards(long postmaster) {
        return ProcessHandle.of(postmaster).flatMap(ProcessHandle::parent).stream()
                .flatMap(shell ->
                        Stream.concat(Stream.of(shell), shell.children().filter(child -> child.pid() != postmaster)))
                .toList();
    }

    @Test
    void acknowledgedEventsSurviveEveryKindOfKill() throws Exception {
        var first = start();
        awaitReady(first);
        first.rest().put("/api/v1/networks/net", Samples.network("net")).as(NetworkState.class);
        first.rest().put("/api/v1/nodes/node1", Samples.node(1));
        var plan = first.rest().get("/api/v1/nodes/node1/plan").as(NodePlan.class);
        long epoch = first.rest()
                .post("/api/v1/nodes/node1/session", new SessionRequest("uid-1", "s", 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
        assertThat(append(first, epoch, 1)).isEqualTo(1);

        // PostgreSQL alone is killed: the service restarts it
        long postmaster = postmaster();
        kill(postmaster);
        await("the service to notice", () -> !isAlive(postmaster));
        isServedOrRefusedForNow(first);
        await("another postmaster", () -> postmaster() != postmaster && isAlive(postmaster()));
        await("the service to answer", () -> isServedOrRefusedForNow(first));
        assertThat(append(first, epoch, 2)).isEqualTo(2);

        // the service alone is killed: its PostgreSQL ends
        long orphan = postmaster();
        first.process().destroyForcibly().waitFor();
        await("PostgreSQL to end with its service", () -> !isAlive(orphan));

        // service and guard are killed: the next service stops the PostgreSQL that is left over
        var second = start();
        awaitReady(second);
        assertThat(second.rest().get("/api/v1/nodes/node1/plan").as(NodePlan.class))
                .isEqualTo(plan);
        assertThat(append(second, epoch, 3)).isEqualTo(3);
        long leftOver = postmaster();
        var guards = guards(leftOver);
        assertThat(guards).hasSizeGreaterThanOrEqualTo(2);
        second.process().destroyForcibly();
        guards.forEach(ProcessHandle::destroyForcibly);
        second.process().waitFor();
        assertThat(isAlive(leftOver)).isTrue();

        var third = start();
        awaitReady(third);
        assertThat(isAlive(leftOver)).isFalse();
        assertThat(append(third, epoch, 4)).as("every event is stored once").isEqualTo(4);
        assertThat(third.rest().get("/api/v1/audit").json().path("items").size())
                .isEqualTo(4);
    }

    /// True if the request was served; otherwise requires the answer TRY_AGAIN_LATER.
    private static boolean isServedOrRefusedForNow(IpamProcess service) {
        var answer = service.rest().get("/api/v1/nodes");
        if (answer.status() != 200) {
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(503);
            assertThat(answer.code()).isEqualTo("TRY_AGAIN_LATER");
            assertThat(answer.response().headers().firstValue("Retry-After")).isPresent();
        }
        return answer.status() == 200;
    }

    private static long append(IpamProcess service, long epoch, long sequence) {
        return service.rest()
                .post(
                        "/api/v1/nodes/node1/ledger",
                        Samples.batch(1, epoch, Samples.allocated(sequence, "192.168.0." + sequence, "c" + sequence)))
                .as(LedgerReceipt.class)
                .storedThrough();
    }

    @Test
    void terminatedServiceStopsItsPostgres() throws Exception {
        var service = start();
        awaitReady(service);
        long postmaster = postmaster();
        service.process().destroy();
        assertThat(service.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(isAlive(postmaster)).isFalse();
    }

    @Test
    void secondPostgresOnTheSameDirectoryIsRefused() {
        try (var postgres = EmbeddedPostgres.start(directory, TEMPORARY, 0)) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(directory, TEMPORARY, 0))
                    .isInstanceOf(PostgresStartException.class)
                    .hasMessageContaining("another service uses " + directory);
            assertThat(isAlive(postgres.pid())).isTrue();
        }
    }

    @Test
    void embeddedPostgresRunsInSeparateNamespaces() throws Exception {
        // as on a node of the lab: separate network with loopback, separate process ids
        var script = "ip link set lo up && exec \"$@\"";
        var inside = start("unshare", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh");
        await("PostgreSQL and the service to be ready", () -> {
            if (!inside.process().isAlive()) {
                throw new AssertionError("ended: " + log());
            }
            return log().contains("Started IpamApplication");
        });
        assertThat(directory.resolve("service.log")).content().contains("PostgreSQL is ready", "pid=");
    }

    /// A chroot forbids user namespaces, as the seccomp profile of a container does; the directory is closed to others.
    @Test
    void rootRunsPostgresAsAnotherUserWhereUserNamespacesAreForbidden() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        var script = "mount --rbind / " + root + " && exec chroot " + root
                + " sh -c '! unshare --user true 2>/dev/null && exec \"$@\"' sh \"$@\"";
        var service = start("unshare", "--mount", "sh", "-c", script, "sh");
        awaitReady(service);
        assertThat((Integer) Files.getAttribute(directory.resolve("pgdata"), "unix:uid"))
                .isNotZero();
    }

    @Test
    void clusterThatBelongedToAnotherUserIsTakenOver() throws Exception {
        EmbeddedPostgres.start(directory, TEMPORARY, 0).close();
        var owner = Files.getAttribute(directory.resolve("pgdata"), "unix:uid");
        for (String name : List.of("pgdata", "pgdata/PG_VERSION", "password")) {
            Files.setAttribute(directory.resolve(name), "unix:uid", 0);
        }
        try (var postgres = EmbeddedPostgres.start(directory, TEMPORARY, 0)) {
            assertThat(isAlive(postgres.pid())).isTrue();
            assertThat(Files.getAttribute(directory.resolve("pgdata/PG_VERSION"), "unix:uid"))
                    .isEqualTo(owner);
        }
    }
}
