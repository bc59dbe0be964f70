package io.multinic.ipam.postgres;

import io.multinic.ipam.support.TestPostgres.Database;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL cluster that can be killed, copied and promoted. It is not restarted automatically.
public final class TestCluster implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final DataDirectory directory;
    private final Path binaries;
    private final int port;
    private @Nullable Process process;

    private TestCluster(Path root, int port) {
        directory = new DataDirectory(root.toAbsolutePath());
        binaries = PostgresBinaries.unpackedBelow(Path.of(System.getProperty("java.io.tmpdir")));
        this.port = port;
        Runtime.getRuntime().addShutdownHook(new Thread(this::kill));
    }

    /// A new cluster with a new system identifier.
    public static TestCluster create(Path root, int port) {
        var cluster = new TestCluster(root, port);
        try {
            Files.createDirectories(cluster.directory.root());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cluster.directory.initialize(cluster.user(), cluster.binaries);
        return cluster;
    }

    private PostgresUser user() {
        return PostgresUser.forDirectory(directory.root(), binaries);
    }

    public Database database() {
        return new Database(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres", DataDirectory.USER, directory.password());
    }

    public int port() {
        return port;
    }

    /// Returns when the cluster accepts writes.
    public TestCluster start() {
        try {
            directory.give(user()); // files that this test has put there too
            process = new ProcessBuilder(directory.postgres(user(), binaries, port))
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(directory.log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Instant limit = Instant.now().plus(LIMIT);
        while (!isWritable()) {
            if (!process.isAlive() || Instant.now().isAfter(limit)) {
                throw new AssertionError("PostgreSQL does not start: " + directory.tail());
            }
            pause();
        }
        return this;
    }

    private boolean isWritable() {
        try {
            return database().count("SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE 1 END") == 1;
        } catch (SQLException e) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Stops with a checkpoint.
    public void stop() {
        end("-INT");
    }

    /// Kills all processes, as a power failure that leaves the disk intact.
    public void kill() {
        end("-KILL");
    }

    private void end(String signal) {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        try {
            new ProcessBuilder("kill", signal, Long.toString(running.pid()))
                    .start()
                    .waitFor();
            if (!running.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("PostgreSQL does not end: " + directory.tail());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Copies the files of this stopped cluster into one for the same port.
    public TestCluster copy(Path to) {
        try {
            var copying = new ProcessBuilder(
                    "cp", "-a", directory.root().toString(), to.toAbsolutePath().toString());
            if (copying.start().waitFor() != 0) {
                throw new IOException("cannot copy " + directory.root() + " to " + to);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new TestCluster(to, port);
    }

    /// Makes the next start begin a new timeline, as a promoted standby does.
    public TestCluster promoted() {
        try {
            Files.createFile(directory.cluster().resolve("recovery.signal"));
            Files.writeString(
                    directory.cluster().resolve("postgresql.auto.conf"),
                    "restore_command = 'false'\n",
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    @Override
    public void close() {
        kill();
        try {
            PostgresBinaries.deleteTree(directory.root());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
