package io.multinic.ipam.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL that belongs to this process, with a data directory that outlives it.
///
/// - It lives as long as this process: a shell beside it waits for the end of its standard input, which comes when this
///   process ends, however it ends, and then stops the postmaster. So a service that ends by `kill -9` leaves no
///   PostgreSQL behind for long.
/// - There are never two on one directory: one service owns it, by a lock that ends with the service, and the
/// postmaster
///   and all its children hold another lock. Locks hold across process namespaces, unlike process ids.
/// - A postmaster that ends while this process lives is started again on the same port.
/// - Root runs it as another user: [PostgresUser].
public final class EmbeddedPostgres implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final int LOCKED = 75;

    /// `$0` and on is the command. Background processes have no standard input, so it is kept as 3; PostgreSQL must not
    /// have it.
    private static final String GUARD = """
            exec 3<&0
            "$0" "$@" </dev/null 3<&- &
            postmaster=$!
            { read -r _ <&3; kill -INT $postmaster 2>/dev/null; } &
            guard=$!
            wait $postmaster; status=$?
            kill $guard 2>/dev/null
            exit $status
            """;

    private final DataDirectory directory;
    private final Path binaries;
    private final int port;
    private final Closeable ownership;
    private final PostgresUser processUser;
    private volatile boolean closing;
    private @Nullable Process process;

    /// Starts, and returns when connections are accepted.
    ///
    /// @param dataDirectory made if it is not there
    /// @param binariesParent where PostgreSQL's programs are unpacked
    /// @param port 0 for a free one
    /// @throws PostgresStartException with the reason and the remedy
    public static EmbeddedPostgres start(Path dataDirectory, Path binariesParent, int port) {
        var directory = new DataDirectory(dataDirectory.toAbsolutePath().normalize());
        Path binaries =
                PostgresBinaries.unpackedBelow(binariesParent.toAbsolutePath().normalize());
        Closeable ownership = directory.own();
        EmbeddedPostgres postgres;
        try {
            var user = PostgresUser.forDirectory(directory.root(), binaries);
            postgres = new EmbeddedPostgres(directory, binaries, port == 0 ? freePort() : port, ownership, user);
        } catch (RuntimeException e) {
            release(ownership, directory);
            throw e;
        }
        try {
            postgres.stopLeftover();
            directory.rotateLog();
            directory.initialize(postgres.processUser, binaries);
            postgres.launch();
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
        Thread.ofVirtual().name("postgres-supervisor").start(postgres::supervise);
        return postgres;
    }

    private EmbeddedPostgres(
            DataDirectory directory, Path binaries, int port, Closeable ownership, PostgresUser processUser) {
        this.directory = directory;
        this.binaries = binaries;
        this.port = port;
        this.ownership = ownership;
        this.processUser = processUser;
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PostgresStartException("no free port", e);
        }
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    public String user() {
        return DataDirectory.USER;
    }

    public String password() {
        return directory.password();
    }

    /// Of the postmaster that runs now; 0 while none does.
    public long pid() {
        return directory.postmaster().map(DataDirectory.Postmaster::pid).orElse(0L);
    }

    /// The guard of a killed service stops its postmaster. If the guard was killed too, this does.
    private void stopLeftover() {
        directory
                .postmaster()
                .flatMap(left -> ProcessHandle.of(left.pid()))
                .filter(directory::isPostmaster)
                .ifPresent(left -> {
                    log.atWarn()
                            .addKeyValue("pid", left.pid())
                            .addKeyValue("dataDirectory", directory.root())
                            .log("stopping the PostgreSQL that an earlier run left");
                    signal("INT", left.pid()); // fast shutdown; SIGTERM would wait for clients
                    await(left);
                });
    }

    private static void await(ProcessHandle process) {
        try {
            process.onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new PostgresStartException("PostgreSQL " + process.pid() + " does not stop; stop it by hand", e);
        }
    }

    private static void signal(String name, long pid) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        } catch (IOException e) {
            throw new PostgresStartException("cannot run `kill`", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void launch() {
        if (closing) {
            return;
        }
        var command = new ArrayList<>(List.of(
                "setsid",
                "flock",
                "--exclusive",
                "--timeout",
                Long.toString(STOP_LIMIT.toSeconds()),
                "--conflict-exit-code",
                Integer.toString(LOCKED),
                directory.lock().toString()));
        command.addAll(List.of("sh", "-c", GUARD));
        command.addAll(directory.postgres(processUser, binaries, port));
        try {
            Optional<DataDirectory.Postmaster> before = directory.postmaster();
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(directory.log().toFile()))
                    .start();
            process = started;
            awaitReady(started, before);
        } catch (IOException e) {
            throw new PostgresStartException("cannot start PostgreSQL; install util-linux (setsid, flock)", e);
        }
        log.atInfo()
                .addKeyValue("pid", pid())
                .addKeyValue("port", port)
                .addKeyValue("dataDirectory", directory.root())
                .log("PostgreSQL is ready");
    }

    private void awaitReady(Process started, Optional<DataDirectory.Postmaster> before) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (started.isAlive()) {
            // Not by /proc: in a process namespace it may show other processes under these numbers.
            boolean ready = directory
                    .postmaster()
                    .filter(now -> now.ready() && now.port() == port)
                    .filter(now -> before.filter(now::isSame).isEmpty())
                    .isPresent();
            if (ready) {
                return;
            }
            if (System.nanoTime() > deadline) {
                stop(started);
                throw new PostgresStartException("PostgreSQL in " + directory.root() + " is not ready after "
                        + START_LIMIT.toSeconds() + " s: " + directory.tail());
            }
            pause(Duration.ofMillis(20));
        }
        throw new PostgresStartException(
                started.exitValue() == LOCKED
                        ? "another PostgreSQL runs on " + directory.root() + "; stop it, or use another directory"
                        : "PostgreSQL in " + directory.root() + " ended with " + started.exitValue() + ": "
                                + directory.tail());
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void supervise() {
        while (!closing) {
            Process supervised = current();
            if (supervised != null) {
                supervised.onExit().join();
            }
            if (closing) {
                return;
            }
            log.atWarn().addKeyValue("dataDirectory", directory.root()).log("PostgreSQL ended; starting it again");
            closeInput(supervised);
            try {
                pause(Duration.ofMillis(500));
                launch();
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("PostgreSQL does not start");
                pause(Duration.ofSeconds(5));
            }
        }
    }

    private synchronized @Nullable Process current() {
        return process;
    }

    /// The guard's read ends with it.
    private static void closeInput(@Nullable Process ended) {
        if (ended == null) {
            return;
        }
        try {
            ended.getOutputStream().close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("the guard has gone already");
        }
    }

    private static void stop(Process running) {
        closeInput(running);
        try {
            if (!running.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                kill(running);
            }
        } catch (InterruptedException e) {
            kill(running);
            Thread.currentThread().interrupt();
        }
    }

    /// PostgreSQL recovers from it at the next start.
    private static void kill(Process running) {
        var all = Stream.concat(running.descendants(), Stream.of(running.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /// Stops PostgreSQL and waits until it has written everything.
    @Override
    public void close() {
        closing = true;
        Process running = current();
        if (running != null) {
            stop(running);
            log.atInfo().addKeyValue("dataDirectory", directory.root()).log("PostgreSQL has stopped");
        }
        release(ownership, directory);
    }

    private static void release(Closeable ownership, DataDirectory directory) {
        try {
            ownership.close();
        } catch (IOException e) {
            throw new PostgresStartException("cannot unlock " + directory.root(), e);
        }
    }
}
