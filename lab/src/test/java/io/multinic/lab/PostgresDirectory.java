package io.multinic.lab;

import io.multinic.lab.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/// The disk of the lab's PostgreSQL, which must not run when it is touched.
record PostgresDirectory(Path path) {
    private static final Duration COPIED = Duration.ofMinutes(2);

    static PostgresDirectory of(LabFiles files) {
        return new PostgresDirectory(files.directory("postgres"));
    }

    /// What is on the disk now, elsewhere.
    PostgresDirectory copyTo(String name) {
        var copy = new PostgresDirectory(path.resolveSibling(name));
        copy.remove();
        Command.of("cp", "-a", path.toString(), copy.path.toString())
                .withTimeout(COPIED)
                .run()
                .orThrow();
        return copy;
    }

    /// As a snapshot that is put in the place of the disk: PostgreSQL itself does not notice.
    void setBackTo(PostgresDirectory older) {
        remove();
        older.copyTo(path.getFileName().toString());
    }

    /// PostgreSQL begins another timeline when it starts next, as a standby that is promoted.
    void promoteAtNextStart() {
        Path cluster = path.resolve("pgdata");
        try {
            Files.createFile(cluster.resolve("recovery.signal"));
            Files.writeString(
                    cluster.resolve("postgresql.auto.conf"), "restore_command = 'false'\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void remove() {
        Command.of("rm", "-rf", path.toString()).withTimeout(COPIED).run().orThrow();
    }
}
