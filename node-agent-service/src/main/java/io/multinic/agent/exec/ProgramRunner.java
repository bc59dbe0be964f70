package io.multinic.agent.exec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs a program once: environment and stdin in, exit status and output out.
///
/// The program has no other environment. When the call returns or throws, it and its descendants have been killed.
public final class ProgramRunner {
    /// Limit for each output stream; the rest is read and dropped.
    private static final int OUTPUT_MAX = 1 << 20;

    private static final Executor READERS = task -> Thread.ofVirtual().start(task);

    private ProgramRunner() {}

    /// @param output stdout
    /// @param errors stderr
    public record Exit(int status, String output, String errors) {}

    /// @throws IOException if the program cannot be started
    /// @throws TimeoutException if it does not exit within `timeout`
    public static Exit run(Path program, Map<String, String> environment, byte[] input, Duration timeout)
            throws IOException, TimeoutException, InterruptedException {
        var builder = new ProcessBuilder(program.toString());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            var output = read(process.getInputStream());
            var errors = read(process.getErrorStream());
            try (var stdin = process.getOutputStream()) {
                stdin.write(input);
            } catch (IOException e) {
                // The program exited without reading everything; its status and output give the reason.
            }
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TimeoutException();
            }
            return new Exit(process.exitValue(), output.join(), errors.join());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static CompletableFuture<String> read(InputStream stream) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        String text = new String(stream.readNBytes(OUTPUT_MAX), StandardCharsets.UTF_8);
                        stream.skip(Long.MAX_VALUE);
                        return text;
                    } catch (IOException e) {
                        return "";
                    }
                },
                READERS);
    }
}
