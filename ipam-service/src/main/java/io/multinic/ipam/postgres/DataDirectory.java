package io.multinic.ipam.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The data directory of an embedded PostgreSQL: the cluster (`pgdata`), the password of its only database user, a lock
/// that the postmaster holds as long as it or a child of it lives, and its log.
///
/// The cluster and the password belong to the user that PostgreSQL runs as, the rest to the service.
record DataDirectory(Path root) {
    static final String USER = "multinic";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /// The content of `postmaster.pid`, which a killed postmaster leaves behind; `ready` if connections are accepted.
    record Postmaster(long pid, String started, int port, boolean ready) {
        boolean isSame(Postmaster other) {
            return pid == other.pid && started.equals(other.started);
        }
    }

    Path cluster() {
        return root.resolve("pgdata");
    }

    Path lock() {
        return root.resolve("lock");
    }

    Path log() {
        return root.resolve("postgresql.log");
    }

    /// The command that runs the cluster on this port, for this machine only, with UTC as its time zone.
    List<String> postgres(PostgresUser user, Path binaries, int port) {
        return user.command(List.of(
                binaries.resolve("bin/postgres").toString(),
                "-D",
                cluster().toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=100",
                "-c",
                "timezone=UTC",
                "-c",
                "log_timezone=UTC"));
    }

    private Path passwordFile() {
        return root.resolve("password");
    }

    String password() {
        try {
            return Files.readString(passwordFile()).strip();
        } catch (IOException e) {
            throw new PostgresStartException("cannot read " + passwordFile(), e);
        }
    }

    /// Makes this process the only one that starts and stops a PostgreSQL here, until it closes the result or ends.
    ///
    /// @throws PostgresStartException if another process does
    Closeable own() {
        Path file = root.resolve("service.lock");
        try {
            Files.createDirectories(root);
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isLocked(channel)) {
                return channel;
            }
            channel.close();
        } catch (IOException e) {
            throw new PostgresStartException("cannot lock " + file, e);
        }
        throw new PostgresStartException(
                "another service uses " + root + "; stop it, or set multi-nic.ipam.embedded.data-directory");
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // locked by this process
        }
    }

    /// Makes the cluster if there is none, in a temporary directory that is then renamed: a cluster that exists is
    /// complete. A cluster that an earlier run made as another user is given to this one.
    void initialize(PostgresUser user, Path binaries) {
        try {
            Files.createDirectories(root);
            if (Files.isDirectory(cluster())) {
                give(user);
                return;
            }
            Path aside = root.resolve("pgdata.new");
            if (Files.exists(aside)) {
                PostgresBinaries.deleteTree(aside);
            }
            Files.createDirectory(aside, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            user.own(aside);
            writePassword();
            user.own(passwordFile());
            run(user.command(List.of(
                    binaries.resolve("bin/initdb").toString(),
                    "--pgdata=" + aside,
                    "--username=" + USER,
                    "--pwfile=" + passwordFile(),
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-instructions")));
            Files.move(aside, cluster(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new PostgresStartException("cannot make a PostgreSQL cluster in " + root, e);
        }
    }

    /// Makes all files of the cluster belong to the user.
    void give(PostgresUser user) throws IOException {
        user.own(cluster());
        user.own(passwordFile());
    }

    private void writePassword() throws IOException {
        Files.deleteIfExists(passwordFile());
        Files.createFile(
                passwordFile(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        Files.writeString(passwordFile(), HexFormat.of().formatHex(random) + "\n");
    }

    private void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        try {
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " did not end within 120 s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed with " + process.exitValue() + ": " + tail());
        }
    }

    /// The last lines of PostgreSQL's log, for error messages.
    String tail() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException e) {
            return "no log";
        }
    }

    /// Keeps the log of the previous run as `postgresql.log.old`.
    void rotateLog() {
        try {
            if (Files.exists(log())) {
                Files.move(log(), root.resolve("postgresql.log.old"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new PostgresStartException("cannot move " + log(), e);
        }
    }

    /// The running or last postmaster. Lines of `postmaster.pid`: pid, directory, start, port, socket directory, listen
    /// address, shared memory, status.
    Optional<Postmaster> postmaster() {
        try {
            List<String> lines = Files.readAllLines(cluster().resolve("postmaster.pid"));
            if (lines.size() < 4) {
                return Optional.empty();
            }
            boolean ready = lines.size() >= 8 && lines.get(7).strip().equals("ready");
            return Optional.of(new Postmaster(
                    Long.parseLong(lines.get(0).strip()),
                    lines.get(2).strip(),
                    Integer.parseInt(lines.get(3).strip()),
                    ready));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // being written
        }
    }

    /// True if the process is a postmaster of this cluster, and not another process that reuses its pid.
    boolean isPostmaster(ProcessHandle process) {
        try {
            Path working = Path.of("/proc/" + process.pid() + "/cwd").toRealPath();
            return working.equals(cluster().toRealPath());
        } catch (IOException e) {
            return false;
        }
    }
}
