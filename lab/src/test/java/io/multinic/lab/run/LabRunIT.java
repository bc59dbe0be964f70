package io.multinic.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `lab/run`, seen from outside: it leaves nothing behind, regardless of how it ends.
class LabRunIT {
    private static final Path RUN = Path.of("run").toAbsolutePath();
    private static final Duration GONE = Duration.ofSeconds(8);
    private static final AtomicInteger MARKS = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "INT", "TERM", "HUP"})
    void killedLabLeavesNoProcessAndNoNamespace(String signal) {
        String mark = mark();
        Command.Running lab = start("ip netns add node" + mark + "; ip link add fab" + mark
                + " type bridge; setsid sleep " + mark + " & sleep " + mark + "; sleep " + mark);
        awaitSleepers(mark, 2);

        Command.of("kill", "-" + signal, Long.toString(lab.pid())).run().orThrow();

        awaitSleepers(mark, 0);
        assertThat(lab.await().exit()).isNotZero();
        assertThat(Command.of("ip", "netns", "list").run().out()).doesNotContain("node" + mark);
        assertThat(Command.of("ip", "link").run().out()).doesNotContain("fab" + mark);
    }

    @Test
    void endOfTheLabEndsItsBackgroundProcesses() {
        String mark = mark();
        assertThat(start("setsid sleep " + mark + " & ip netns add node1")
                        .await()
                        .exit())
                .isZero();
        awaitSleepers(mark, 0);
    }

    @Test
    void exitStatusIsTheCommandsExitStatus() {
        assertThat(start("exit 7").await().exit()).isEqualTo(7);
    }

    @Test
    void twoLabsUseTheSameNamesConcurrently() {
        String mark = mark();
        String lab = "ip netns add node1 && ip link add fabric1 type bridge && exec sleep " + mark;
        List<Command.Running> both = List.of(start(lab), start(lab));
        awaitSleepers(mark, 2);
        both.forEach(one ->
                Command.of("kill", "-TERM", Long.toString(one.pid())).run().orThrow());
        both.forEach(Command.Running::await);
        awaitSleepers(mark, 0);
    }

    /// Mounts and files below /run and /etc/iproute2 of a lab are not visible outside.
    @Test
    void mountsAndFilesOfALabAreNotVisibleOutside() {
        start("touch /run/of-the-lab /etc/iproute2/of-the-lab").await().orThrow();
        assertThat(Path.of("/run/of-the-lab")).doesNotExist();
        assertThat(Files.exists(Path.of("/etc/iproute2/of-the-lab"))).isFalse();
    }

    private static String mark() {
        return Integer.toString(700_000 + MARKS.incrementAndGet());
    }

    /// The run directory is below the test's temporary directory, because a failed or killed lab does not remove it.
    private Command.Running start(String script) {
        return Command.of(RUN.toString(), "--exec", "sh", "-c", script)
                .withEnvironment(Map.of("TMPDIR", temporary.toString()))
                .start();
    }

    private static void awaitSleepers(String mark, int count) {
        Deadline.await(
                count + " sleepers " + mark, GONE, () -> sleepers(mark) == count, () -> "there are " + sleepers(mark));
    }

    /// The number of the lab's processes, counted from outside its PID namespace.
    private static long sleepers(String mark) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").matches("\\S*sleep " + mark))
                .count();
    }
}
