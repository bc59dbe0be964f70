package io.multinic.lab.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The limit of inotify instances, which clusters raise for the whole machine; tested on a file instead of the sysctl.
class InotifyLimitIT {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String HOLD =
            "raise_inotify_limit; sleep 1000 8<&- & trap 'kill $!' EXIT; trap exit TERM; wait";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @BeforeEach
    void limitOfTheMachine() throws IOException {
        Files.writeString(directory.resolve("limit"), "128\n");
    }

    @Test
    void lastClusterToEndRestoresTheLimit() {
        Command.Running first = script(HOLD + "; restore_inotify_limit").start();
        await("1024");
        Command.Running second = script("raise_inotify_limit; read line; restore_inotify_limit; echo")
                .start();
        second.await();
        assertThat(limit()).as("limit while the first cluster runs").isEqualTo("1024");

        kill("TERM", first);

        script("restore_inotify_limit").run().orThrow();
        assertThat(limit()).isEqualTo("128");
    }

    @Test
    void limitOfAKilledClusterIsRestoredLater() {
        Command.Running killed = script("raise_inotify_limit; exec sleep 1000").start();
        await("1024");
        kill("KILL", killed);

        script("restore_inotify_limit").run().orThrow();

        assertThat(limit()).isEqualTo("128");
    }

    @Test
    void sufficientLimitIsNotChanged() throws IOException {
        Files.writeString(directory.resolve("limit"), "4096\n");
        script("raise_inotify_limit; restore_inotify_limit").run().orThrow();
        assertThat(limit()).isEqualTo("4096");
    }

    private Command script(String text) {
        return Command.of("bash", "-uc", ". cluster/inotify; " + text)
                .withEnvironment(Map.of(
                        "INOTIFY_LIMIT", directory.resolve("limit").toString(),
                        "INOTIFY_SAVED", directory.resolve("saved").toString()));
    }

    private static void kill(String signal, Command.Running process) {
        Command.of("kill", "-" + signal, Long.toString(process.pid())).run().orThrow();
        process.await();
    }

    private void await(String value) {
        Deadline.await("limit " + value, SOON, () -> limit().equals(value), this::limit);
    }

    private String limit() {
        try {
            return Files.readString(directory.resolve("limit")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
