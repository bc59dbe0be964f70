package io.multinic.agent.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Mark in the environment of a program by which all processes that it starts are found and killed.
///
/// Children inherit the environment, also those that leave the program's process group or session and those whose
/// parent has exited; so the mark finds more than a process group, which moreover Java cannot create. A child that
/// clears its environment is found as long as its parents run.
record ProcessMark(String value) {
    private static final String VARIABLE = "MULTI_NIC_EXECUTION";
    private static final Path PROC = Path.of("/proc");

    /// Passes over `/proc` until no process of the program is found, in case that one starts others meanwhile.
    private static final int PASSES_MAX = 50;

    private static final long PASS_MILLIS = 2;

    static ProcessMark random() {
        return new ProcessMark(UUID.randomUUID().toString());
    }

    void addTo(Map<String, String> environment) {
        environment.put(VARIABLE, value);
    }

    /// Kills the program and all processes that it started.
    ///
    /// Uses the program's handle: [Process#destroyForcibly] also closes its stdin, and would wait for a thread that
    /// writes to it.
    void kill(Process program) {
        List<ProcessHandle> known = new ArrayList<>(program.descendants().toList());
        program.toHandle().destroyForcibly();
        known.forEach(ProcessHandle::destroyForcibly);
        boolean interrupted = false;
        for (int pass = 0; pass < PASSES_MAX; pass++) {
            List<ProcessHandle> marked = marked();
            if (marked.isEmpty()) {
                break;
            }
            marked.forEach(ProcessHandle::destroyForcibly);
            interrupted |= pause();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(PASS_MILLIS);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private List<ProcessHandle> marked() {
        List<ProcessHandle> marked = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (isMarked(process)) {
                    ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                            .ifPresent(marked::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("processes of a program cannot be listed", e);
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException("processes of a program cannot be listed", e.getCause());
        }
        return marked;
    }

    /// False for a process that has ended: its environment is empty or cannot be read any more.
    private boolean isMarked(Path process) {
        try {
            String environment =
                    new String(Files.readAllBytes(process.resolve("environ")), StandardCharsets.ISO_8859_1);
            return environment.contains(VARIABLE + "=" + value);
        } catch (IOException e) {
            return false;
        }
    }
}
