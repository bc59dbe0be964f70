package io.multinic.lab.cluster;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A cluster, seen from outside: it leaves nothing behind, regardless of how it ends. The test's own lab is the
/// outside.
class ClusterEndIT {
    private static final Path LAB = Path.of("").toAbsolutePath();
    private static final Duration UP = Duration.ofMinutes(2);
    private static final Duration GONE = Duration.ofSeconds(20);

    /// A script that prints everything that a cluster could leave behind. Excluded are values that change by themselves
    /// or by other clusters on this machine: their cgroups, and the limit that `InotifyLimitIT` tests.
    private static final String TRACES = """
        for run in "$1"/multi-nic-lab.*; do
            find /sys/fs/cgroup -type d -path "*/$(cat "$run/cgroup")"
        done 2>/dev/null
        sysctl --all 2>/dev/null | grep -E '^(vm|kernel|fs|net)[.]' |
            grep -vE '[-_]nr|state|quota|random|pty|last_pid|next_id|max_user_instances'
        cut -d' ' -f2-3 /proc/mounts
        ip -brief link; ip netns; ip route
        """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path temporary;

    @SuppressWarnings("NullAway.Init")
    private String before;

    @BeforeEach
    void recordTraces() {
        before = traces();
    }

    /// Ends the cluster if the test failed before it did.
    @AfterEach
    void down() {
        lab("down").run();
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "INT"})
    void endedClusterLeavesNothing(String signal) {
        Command.Running run = lab("run", "cluster").start();
        awaitUp();
        assertThat(traces()).isNotEqualTo(before);

        Command.of("kill", "-" + signal, Long.toString(run.pid())).run().orThrow();

        awaitNothing();
        assertThat(run.await().exit()).isNotZero();
    }

    @Test
    void downCleansUpIfClusterAndGuardianWereKilled() {
        Command.Running run = lab("run", "cluster").start();
        awaitUp();
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            if (process.info().commandLine().orElse("").contains("cluster/guardian " + temporary)) {
                process.destroyForcibly();
            }
        }
        Command.of("kill", "-KILL", Long.toString(run.pid())).run().orThrow();
        Deadline.await("the end of the cluster's processes", GONE, () -> processes() == 0, () -> processes() + " live");
        assertThat(traces()).isNotEqualTo(before);

        lab("down").run().orThrow();

        awaitNothing();
    }

    /// As where kube-proxy does not find nft: the run ends long before the limit of any wait.
    @Test
    void clusterWhoseProgramCannotStartEndsWithItsNameAndLastLine() {
        String script = """
                parts=$("$0/cluster/parts" --where) && { cp -rl "$parts" "$LAB_RUN/parts" 2>/dev/null ||
                    cp -rT "$parts" "$LAB_RUN/parts"; } && rm "$LAB_RUN/parts/kube-proxy" || exit 1
                printf '#!/bin/sh\\necho no nft on this machine >&2\\nexit 1\\n' >"$LAB_RUN/parts/kube-proxy"
                chmod +x "$LAB_RUN/parts/kube-proxy"
                exec "$("$0/../build/jdk")/bin/java" -jar "$0/target/lab.jar" cluster
                """;
        Command.Result ended = lab("run", "--exec", "bash", "-c", script, LAB.toString())
                .withTimeout(UP)
                .run();

        assertThat(ended.exit()).isNotZero();
        assertThat(ended.out() + ended.err())
                .contains("kube-proxy ended with status 1 right after its start")
                .contains("its last line: no nft on this machine");
        awaitNothing();
    }

    private void awaitUp() {
        Deadline.await("a cluster", UP, () -> runFile("up"), () -> "no file 'up' in " + temporary);
    }

    private boolean runFile(String name) {
        try (var runs = Files.list(temporary)) {
            return runs.anyMatch(run -> Files.exists(run.resolve(name)));
        } catch (IOException e) {
            return false;
        }
    }

    private void awaitNothing() {
        Deadline.await(
                "nothing left",
                GONE,
                () -> processes() == 0 && traces().equals(before),
                () -> processes() + " processes; before:\n" + before + "\nafter:\n" + traces());
    }

    /// The number of the cluster's processes, recognized by the run directory or a known program in the command line.
    private long processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .orElse("")
                        .matches(".*(" + temporary
                                + "|kubelet --config|containerd|kube-proxy --config|/pause|/coredns).*"))
                .count();
    }

    private Command lab(String script, String... arguments) {
        var line = new ArrayList<>(List.of(LAB.resolve(script).toString()));
        line.addAll(List.of(arguments));
        return Command.of(line)
                .withTimeout(UP)
                .withEnvironment(Map.of("TMPDIR", temporary.toString(), "KEEP", "", "LAB_LOGS", ""));
    }

    private String traces() {
        return Command.of("sh", "-c", TRACES, "sh", temporary.toString()).run().out();
    }
}
