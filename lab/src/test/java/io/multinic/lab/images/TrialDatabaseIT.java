package io.multinic.lab.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The image `postgresql`: its settings at start, and the durability of its data. As in a container, the server is
/// process
/// 1 of a PID namespace.
class TrialDatabaseIT {
    private static final String IMAGE = Path.of("run-image").toAbsolutePath().toString();
    private static final Duration END = Duration.ofSeconds(30);
    private static final String PASSWORD = "it's a trial";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path temporary;

    private final List<Command.Running> started = new ArrayList<>();

    @BeforeEach
    void dataBelongsToTheServersUser() throws IOException {
        Files.createDirectory(data());
        Command.of("chown", "999:999", data().toString()).run().orThrow();
    }

    @AfterEach
    void endServers() {
        started.forEach(server -> signal(server, "KILL"));
        started.forEach(Command.Running::await);
    }

    @Test
    void committedRowSurvivesKill() {
        Command.Running first = start(PASSWORD);
        sql(first, PASSWORD, "CREATE EXTENSION btree_gist; CREATE TABLE kept AS SELECT 42 AS answer")
                .orThrow();

        signal(first, "KILL");
        first.await();

        Command.Running second = start(PASSWORD);
        assertThat(sql(second, PASSWORD, "SELECT answer FROM kept").orThrow().out())
                .contains("42");
    }

    @Test
    void passwordOfTheLastStartIsValid() {
        Command.Running first = start("old");
        signal(first, "INT");
        assertThat(first.await().exit()).isZero();

        Command.Running second = start(PASSWORD);
        assertThat(sql(second, "old", "SELECT 1").err()).contains("password authentication failed");
        sql(second, PASSWORD, "SELECT 1").orThrow();
    }

    @Test
    void userOfTheServicesIsNotASuperuser() {
        Command.Running server = start(PASSWORD);

        assertThat(sql(server, PASSWORD, "CREATE ROLE other").err()).contains("permission denied");
    }

    @Test
    void startWithoutPasswordIsRejected() {
        Command.Result refused = command(Map.of()).run();

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("error: no password for the database user multi_nic");
        assertThat(data()).isEmptyDirectory();
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private Command command(Map<String, String> environment) {
        return Command.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", IMAGE, "postgresql")
                .withEnvironment(Map.of("IMAGE_DATA", data().toString()))
                .withEnvironment(environment)
                .withTimeout(END);
    }

    /// Starts the server and waits until it accepts connections.
    private Command.Running start(String password) {
        Command.Running server = command(Map.of("POSTGRES_PASSWORD", password)).start();
        started.add(server);
        Deadline.await(
                "PostgreSQL",
                END,
                () -> process1(server).isPresent()
                        && in(server, "", "pg_isready", "--quiet", "--host=127.0.0.1")
                                .ok(),
                () -> server.alive() ? "it runs" : server.await().err());
        return server;
    }

    private static Command.Result sql(Command.Running server, String password, String statements) {
        return in(server, password, "psql", "--host=127.0.0.1", "--username=multi_nic", "--command=" + statements);
    }

    /// Runs a program in the server's namespaces, as `kubectl exec` does.
    private static Command.Result in(Command.Running server, String password, String... line) {
        var command = new ArrayList<>(
                List.of("nsenter", "--target=" + process1(server).orElseThrow(), "--mount", "--root", "--wd"));
        command.addAll(List.of("--setuid=999", "--setgid=999", "/usr/lib/postgresql/15/bin/" + line[0]));
        command.addAll(List.of(line).subList(1, line.length));
        return Command.of(command)
                .withEnvironment(Map.of("PGPASSWORD", password, "PGDATABASE", "multi_nic"))
                .run();
    }

    private static Optional<Long> process1(Command.Running server) {
        return ProcessHandle.of(server.pid())
                .flatMap(unshare -> unshare.children().findFirst())
                .map(ProcessHandle::pid);
    }

    private static void signal(Command.Running server, String signal) {
        if (server.alive() && process1(server).isPresent()) {
            Command.of("kill", "-" + signal, Long.toString(process1(server).orElseThrow()))
                    .run();
        }
    }
}
