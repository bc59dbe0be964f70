package io.multinic.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real programs that print too much, never end, or leave children behind.
@Timeout(60)
class ProgramRunnerIT {
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final Duration SHORT = Duration.ofMillis(500);

    @TempDir
    private Path directory;

    private ProgramRunner.Exit run(String script, byte[] input, Duration timeout)
            throws IOException, TimeoutException, InterruptedException {
        Path program = Files.writeString(directory.resolve("program"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        var environment = Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "DIR", directory.toString());
        return ProgramRunner.run(program, environment, input, timeout);
    }

    private ProgramRunner.Exit run(String script) throws IOException, TimeoutException, InterruptedException {
        return run(script, new byte[0], LONG);
    }

    /// The process whose id the program wrote to file `child` has ended.
    private boolean childHasEnded() throws IOException {
        long pid = Long.parseLong(Files.readString(directory.resolve("child"), StandardCharsets.UTF_8)
                .strip());
        return ended(() -> ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(handle -> !isZombie(handle.pid()))
                .isEmpty());
    }

    private static boolean isZombie(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean ended(BooleanSupplier condition) {
        for (int i = 0; i < 200 && !condition.getAsBoolean(); i++) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return condition.getAsBoolean();
    }

    @Test
    void outputErrorsAndStatusAreReturned() throws Exception {
        var exit = run("cat; echo problem >&2; exit 3", "input".getBytes(StandardCharsets.UTF_8), LONG);
        assertThat(exit).isEqualTo(new ProgramRunner.Exit(3, "input", "problem\n"));
    }

    @Test
    void inputAndOutputLargerThanAPipeArePassedOn() throws Exception {
        byte[] input = "0123456789".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        assertThat(run("cat", input, LONG).output()).hasSize(input.length);
    }

    @Test
    void programThatDoesNotReadItsInputIsEndedByTheTimeout() {
        byte[] input = new byte[1 << 20];
        assertThatThrownBy(() -> run("sleep 600", input, SHORT)).isInstanceOf(TimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sleep 600 & echo $! > $DIR/child",
                "setsid sleep 600 & echo $! > $DIR/child",
                "(sleep 600 & echo $! > $DIR/child)",
                "trap '' TERM HUP; (trap '' TERM HUP; exec sleep 600) & echo $! > $DIR/child",
            })
    void childThatKeepsTheOutputOpenIsKilledWhenTheProgramExits(String child) throws Exception {
        assertThat(run(child + "; echo done").output()).isEqualTo("done\n");
        assertThat(childHasEnded()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sleep 600 & echo $! > $DIR/child; wait",
                "(setsid sleep 600 & echo $! > $DIR/child); sleep 600",
                "env -i sleep 600 & echo $! > $DIR/child; wait",
            })
    void timeoutKillsTheProgramAndItsChildren(String script) throws IOException {
        assertThatThrownBy(() -> run(script, new byte[0], SHORT)).isInstanceOf(TimeoutException.class);
        assertThat(childHasEnded()).isTrue();
    }

    @Test
    void childThatPrintsForeverIsKilledWhenTheProgramExits() throws Exception {
        assertThat(run("echo done; yes >/dev/stdout & echo $! > $DIR/child").output())
                .startsWith("done\n");
        assertThat(childHasEnded()).isTrue();
    }

    @Test
    void programThatPrintsWithoutEndIsRefusedAndKilled() throws IOException {
        assertThatThrownBy(() -> run("echo $$ > $DIR/child; exec yes"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("printed more than 1024 KiB");
        assertThat(childHasEnded()).isTrue();
    }

    @Test
    void errorsBeyondTheLimitAreDropped() throws Exception {
        var exit = run("head -c 3000000 /dev/zero >&2; echo done");
        assertThat(exit.output()).isEqualTo("done\n");
        assertThat(exit.errors()).hasSize(1 << 20);
    }

    @Test
    void missingProgramIsReported() {
        assertThatThrownBy(() -> ProgramRunner.run(directory.resolve("missing"), Map.of(), new byte[0], LONG))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be started");
    }
}
