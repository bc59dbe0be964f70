package io.multinic.agent.exec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs a program once: environment and stdin in, exit status and output out.
///
/// The program has no other environment but a mark that its children inherit. When the call returns or throws, the
/// program and all processes that it started have been killed; see [ProcessMark]. The call never waits for the end of
/// an output stream, which a child could keep open, but only for the exit of the program itself.
public final class ProgramRunner {
    /// Limit for each output stream.
    private static final int OUTPUT_MAX = 1 << 20;

    /// Bytes that a new pipe takes without blocking, whatever limits its owner has.
    private static final int PIPE_MIN = 4096;

    /// The longest time between two reads of the output while the program runs.
    private static final long PAUSE_MAX_MILLIS = 5;

    private ProgramRunner() {}

    /// @param output stdout
    /// @param errors the first MiB of stderr
    public record Exit(int status, String output, String errors) {}

    /// @throws IOException if the program cannot be started, or prints more than 1 MiB on stdout
    /// @throws TimeoutException if it does not exit within `timeout`
    public static Exit run(Path program, Map<String, String> environment, byte[] input, Duration timeout)
            throws IOException, TimeoutException, InterruptedException {
        long begin = System.nanoTime();
        var mark = ProcessMark.random();
        var builder = new ProcessBuilder(program.toString());
        builder.environment().clear();
        builder.environment().putAll(environment);
        mark.addTo(builder.environment());
        Process process = start(builder);
        try {
            feed(process.getOutputStream(), input);
            var output = new Capture(process.getInputStream());
            var errors = new Capture(process.getErrorStream());
            boolean exited = false;
            for (long pause = 1; !exited; pause = Math.min(pause + 1, PAUSE_MAX_MILLIS)) {
                exited = process.waitFor(pause, TimeUnit.MILLISECONDS);
                output.readAvailable();
                errors.readAvailable();
                if (output.truncated) {
                    throw new IOException("it printed more than " + OUTPUT_MAX / 1024 + " KiB");
                }
                if (!exited && System.nanoTime() - begin > timeout.toNanos()) {
                    throw new TimeoutException();
                }
            }
            return new Exit(process.exitValue(), output.text(), errors.text());
        } finally {
            mark.kill(process);
            process.getInputStream().close();
            process.getErrorStream().close();
        }
    }

    private static Process start(ProcessBuilder builder) throws IOException {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new IOException("it cannot be started: " + e.getMessage(), e);
        }
    }

    /// Writes the input, on a thread of its own if the program could block the writer; that thread ends when the
    /// program and its children have ended.
    private static void feed(OutputStream stdin, byte[] input) {
        Runnable write = () -> {
            try (stdin) {
                stdin.write(input);
            } catch (IOException e) {
                // The program exited without reading everything; its status and output give the reason.
            }
        };
        if (input.length <= PIPE_MIN) {
            write.run();
        } else {
            Thread.ofPlatform().name("program-input").daemon().start(write);
        }
    }

    /// The beginning of an output stream, read without blocking.
    private static final class Capture {
        private final InputStream stream;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean truncated;

        Capture(InputStream stream) {
            this.stream = stream;
        }

        /// Reads what is there, at most as much as fits into the limit and once more: a program that prints faster than
        /// it is read does not keep the caller here.
        void readAvailable() throws IOException {
            int left = OUTPUT_MAX + 1;
            for (int available = stream.available(); available > 0 && left > 0; available = stream.available()) {
                byte[] read = stream.readNBytes(Math.min(available, left));
                left -= read.length;
                int kept = Math.min(read.length, OUTPUT_MAX - bytes.size());
                bytes.write(read, 0, kept);
                truncated |= kept < read.length;
                if (read.length == 0) {
                    return;
                }
            }
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
