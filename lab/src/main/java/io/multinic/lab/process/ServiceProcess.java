package io.multinic.lab.process;

import io.multinic.lab.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A service as a process of its own: started, waited for, killed, started again. Its output is appended to its log.
///
/// It is ready when `health` answers 200. Not for use by several threads at once.
public final class ServiceProcess {
    private static final int TAIL_LINES = 25;
    private static final Duration END = Duration.ofSeconds(60);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    private final String name;
    private final List<String> line;
    private final Map<String, String> environment;
    private final URI health;
    private final Path log;
    private final HttpClient http;
    private @Nullable Process process;
    private long startedNanos;
    private Duration timeToReady = Duration.ZERO;

    public ServiceProcess(String name, List<String> line, Map<String, String> environment, URI health, Path log) {
        this(name, line, environment, health, log, HTTP);
    }

    /// @param http asks `health`; for a service whose certificate is not one that everybody trusts
    public ServiceProcess(
            String name, List<String> line, Map<String, String> environment, URI health, Path log, HttpClient http) {
        this.name = name;
        this.line = List.copyOf(line);
        this.environment = Map.copyOf(environment);
        this.health = health;
        this.log = log;
        this.http = http;
    }

    public String name() {
        return name;
    }

    public Path log() {
        return log;
    }

    /// From the last start to the first answer of `health`.
    public Duration timeToReady() {
        return timeToReady;
    }

    public void start() {
        if (alive()) {
            throw new IllegalStateException(name + " runs already");
        }
        var builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        startedNanos = System.nanoTime();
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new LabException("cannot start " + name, e);
        }
    }

    public boolean alive() {
        return process != null && process.isAlive();
    }

    /// @throws LabException with the end of the log, where the process has ended
    public void requireAlive() {
        if (process != null && !process.isAlive()) {
            throw new LabException(name + " ended with exit status " + process.exitValue() + "\n" + logTail());
        }
    }

    /// Whether the service is ready now; where it has ended, that is an error and not a wait.
    public boolean ready() {
        requireAlive();
        try {
            var request = HttpRequest.newBuilder(health)
                    .timeout(Duration.ofSeconds(2))
                    .build();
            boolean ok =
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
            if (ok && timeToReady.isZero()) {
                timeToReady = Duration.ofNanos(System.nanoTime() - startedNanos);
            }
            return ok;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException(name + ": interrupted", e);
        }
    }

    /// As `kill -9`, for the process and everything it started; returns when all of it is gone.
    public void kill() {
        if (process == null) {
            return;
        }
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.addFirst(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(handle -> handle.onExit().join());
        process.onExit().join(); // its handle may know of the end a moment before the process itself does
        timeToReady = Duration.ZERO;
    }

    /// Asks the service to end, as a cluster does, and waits for it.
    ///
    /// @throws LabException with the end of the log, where it takes too long
    public void end() {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(END)) {
                throw new LabException(
                        name + " still runs " + END.toSeconds() + " s after it was to end\n" + logTail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException(name + ": interrupted", e);
        }
    }

    /// The end of the log without its stack frames, and where all of it is.
    public String logTail() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.filter(line -> !line.startsWith("\t")).toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - TAIL_LINES), all.size())) + "\nall of it: "
                    + log;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of the process itself; empty where it does not run.
    public Optional<Memory> memory() {
        return alive() ? Memory.of(pid()) : Optional.empty();
    }

    /// Of everything that the process has started and that still runs.
    public Optional<Memory> memoryOfChildren() {
        return process == null
                ? Optional.empty()
                : process.descendants()
                        .map(handle -> Memory.of(handle.pid()))
                        .flatMap(Optional::stream)
                        .reduce(Memory::plus);
    }

    public long pid() {
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return process.pid();
    }
}
