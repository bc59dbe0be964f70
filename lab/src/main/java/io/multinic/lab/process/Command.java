package io.multinic.lab.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A program that runs to completion: argument vector, additional environment variables, standard input, time limit.
public record Command(List<String> line, Map<String, String> environment, String input, Duration timeout) {
    /// Platform threads, because a virtual thread that reads a pipe pins its carrier: a few long-running programs would
    /// block all carriers.
    private static final Executor READERS = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("command-", 0).factory());

    public Command {
        line = List.copyOf(line);
        environment = Map.copyOf(environment);
    }

    public static Command of(String... line) {
        return of(List.of(line));
    }

    public static Command of(List<String> line) {
        return new Command(line, Map.of(), "", Duration.ofSeconds(30));
    }

    public Command withEnvironment(Map<String, String> added) {
        var all = new LinkedHashMap<>(environment);
        all.putAll(added);
        return new Command(line, all, input, timeout);
    }

    public Command withInput(String text) {
        return new Command(line, environment, text, timeout);
    }

    public Command withTimeout(Duration limit) {
        return new Command(line, environment, input, limit);
    }

    /// The exit status and the output of a finished program.
    public record Result(Command command, int exit, String out, String err) {
        public boolean ok() {
            return exit == 0;
        }

        /// @throws LabException with the program's output, if its exit status is not 0
        public Result orThrow() {
            if (!ok()) {
                throw new LabException(String.join(" ", command.line) + ": exit " + exit + ": " + (err + out).strip());
            }
            return this;
        }
    }

    /// @throws LabException if the program cannot be started or takes longer than `timeout`
    public Result run() {
        return start().await();
    }

    /// Starts the program and writes its input in the background.
    public Running start() {
        var builder = new ProcessBuilder(line);
        builder.environment().putAll(environment);
        try {
            return new Running(this, builder.start());
        } catch (IOException e) {
            throw new LabException("cannot run " + line.getFirst(), e);
        }
    }

    /// A program that was started.
    public static final class Running {
        private final Command command;
        private final Process process;
        private final CompletableFuture<String> out;
        private final CompletableFuture<String> err;

        private Running(Command command, Process process) {
            this.command = command;
            this.process = process;
            out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()), READERS);
            err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), READERS);
            READERS.execute(this::feed);
        }

        private void feed() {
            try (var stdin = process.getOutputStream()) {
                stdin.write(command.input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // The program exited before it read all input; its exit status shows the reason.
            }
        }

        public long pid() {
            return process.pid();
        }

        public boolean alive() {
            return process.isAlive();
        }

        public Result await() {
            try {
                if (!process.waitFor(command.timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new LabException(
                            String.join(" ", command.line) + ": no end after " + command.timeout.toSeconds() + " s");
                }
                return new Result(command, process.exitValue(), out.join(), err.join());
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                throw new LabException(String.join(" ", command.line) + ": interrupted", e);
            }
        }

        private static String text(InputStream stream) {
            try (stream) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
