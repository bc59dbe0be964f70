package io.multinic.agent.attach.driver;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Runs the program of a CNI plugin as the CNI specification says: environment, configuration on stdin, result or error
/// on stdout.
public final class PluginProcess {
    /// What a plugin may print; more is cut off.
    private static final int OUTPUT_MAX = 1 << 20;

    private static final Executor READERS = task -> Thread.ofVirtual().start(task);

    private final JsonMapper json;
    private final Duration timeout;
    private final List<String> ownPath;

    /// @param ownPath where this process finds plugins beside CNI_PATH, which names directories as the runtime sees
    ///     them: in a pod the node's own directory lies elsewhere
    public PluginProcess(JsonMapper json, Duration timeout, List<String> ownPath) {
        this.json = json;
        this.timeout = timeout;
        this.ownPath = List.copyOf(ownPath);
    }

    record Call(
            String command,
            String type,
            String containerId,
            String netns,
            String ifName,
            String args,
            List<String> path) {
        @Override
        public String toString() {
            return "CNI plugin " + type + ", " + command + " of " + ifName;
        }

        private Map<String, String> environment(List<String> searched) {
            return Map.of(
                    "CNI_COMMAND", command,
                    "CNI_CONTAINERID", containerId,
                    "CNI_NETNS", netns,
                    "CNI_IFNAME", ifName,
                    "CNI_ARGS", args,
                    "CNI_PATH", String.join(":", searched),
                    "PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        }
    }

    /// The plugin's result; a missing node if it printed nothing, as DEL does.
    ///
    /// @throws MultiNicException PLUGIN_NOT_FOUND, or PLUGIN_FAILED with the plugin's own message
    JsonNode run(Call call, ObjectNode config) {
        Process process = start(call);
        try {
            var output = read(process.getInputStream());
            var errors = read(process.getErrorStream());
            try (var stdin = process.getOutputStream()) {
                stdin.write(json.writeValueAsBytes(config));
            } catch (IOException e) {
                // It ended without reading everything; what it printed says why.
            }
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failed(call, "it did not end within " + timeout.toSeconds() + " s");
            }
            return result(call, process.exitValue(), output.get(), errors.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(call, "interrupted");
        } catch (ExecutionException e) {
            throw failed(call, "its output cannot be read: " + e.getMessage());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private Process start(Call call) {
        var builder = new ProcessBuilder(program(call.type(), call.path()).toString());
        builder.environment().clear();
        builder.environment().putAll(call.environment(searched(call.path())));
        try {
            return builder.start();
        } catch (IOException e) {
            throw failed(call, "it cannot be started: " + e.getMessage());
        }
    }

    private List<String> searched(List<String> path) {
        return Stream.concat(path.stream(), ownPath.stream())
                .filter(directory -> !directory.isEmpty())
                .distinct()
                .toList();
    }

    /// The plugin's program: the first of that name in the directories of CNI_PATH and in our own.
    ///
    /// @throws MultiNicException PLUGIN_NOT_FOUND
    Path program(String type, List<String> path) {
        return searched(path).stream()
                .map(directory -> Path.of(directory, type))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst()
                .orElseThrow(() -> new MultiNicException(
                        ErrorCode.PLUGIN_NOT_FOUND,
                        "CNI plugin " + type + " is in none of the directories of CNI_PATH, " + path
                                + (ownPath.isEmpty() ? "" : ", nor in " + ownPath) + "; install it on this node"));
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

    private JsonNode result(Call call, int status, String output, String errors) {
        if (output.isBlank() && status == 0) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode answer = json.readTree(output);
            if (status == 0) {
                return answer;
            }
            String details = answer.path("details").asString("");
            String message = answer.path("msg").asString("") + (details.isEmpty() ? "" : "; " + details);
            throw failed(call, "code " + answer.path("code").asInt(0) + ": " + message);
        } catch (JacksonException e) {
            throw failed(
                    call,
                    "exit status " + status + ", its output is not JSON: " + excerpt(output) + " " + excerpt(errors));
        }
    }

    private static String excerpt(String text) {
        String line = text.strip();
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }

    private static MultiNicException failed(Call call, String why) {
        return new MultiNicException(ErrorCode.PLUGIN_FAILED, call + ": " + why);
    }
}
