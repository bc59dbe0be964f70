package io.multinic.lab.process;

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

/// A service as a process that can be started, killed and restarted. Its output is appended to its log.
///
/// The service is ready when `health` answers 200. Not thread-safe.
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

    /// @param http the client for `health`, for a service whose certificate the default trust store does not accept
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

    /// Time from the last start to the first positive answer of `health`.
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

    /// @throws LabException with the end of the log, if the process has ended
    public void requireAlive() {
        if (process != null && !process.isAlive()) {
            throw new LabException(name + " ended with exit status " + process.exitValue() + "\n" + logTail());
        }
    }

    /// Queries `health` once.
    ///
    /// @throws LabException if the process has ended
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

    /// Sends SIGKILL to the process and its descendants, and waits until all have ended.
    public void kill() {
        if (process == null) {
            return;
        }
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.addFirst(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(handle -> handle.onExit().join());
        process.onExit().join(); // the handle may complete before the Process object does
        timeToReady = Duration.ZERO;
    }

    /// Sends SIGTERM, as kubelet does, and waits until the process has ended.
    ///
    /// @throws LabException with the end of the log, if it takes too long
    public void end() {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(END)) {
                throw new LabException(name + " still runs " + END.toSeconds() + " s after SIGTERM\n" + logTail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException(name + ": interrupted", e);
        }
    }

    /// The end of the log without stack frames, and the path of the log.
    public String logTail() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.filter(line -> !line.startsWith("\t")).toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - TAIL_LINES), all.size())) + "\nall of it: "
                    + log;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The memory of the process itself; empty if it does not run.
    public Optional<ProcessMemory> memory() {
        return alive() ? ProcessMemory.of(pid()) : Optional.empty();
    }

    /// The memory of all running descendants; empty if there are none.
    public Optional<ProcessMemory> memoryOfChildren() {
        return process == null
                ? Optional.empty()
                : process.descendants()
                        .map(handle -> ProcessMemory.of(handle.pid()))
                        .flatMap(Optional::stream)
                        .reduce(ProcessMemory::plus);
    }

    public long pid() {
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return process.pid();
    }
}
