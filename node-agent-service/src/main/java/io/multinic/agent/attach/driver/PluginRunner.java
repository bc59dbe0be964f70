package io.multinic.agent.attach.driver;

import io.multinic.agent.exec.ProgramRunner;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Runs a CNI plugin as the CNI specification defines: environment, configuration on stdin, result or error on stdout.
public final class PluginRunner {
    private final JsonMapper json;
    private final Duration timeout;
    private final List<String> ownPath;

    /// @param ownPath directories that are searched in addition to CNI_PATH, which names directories as the runtime
    /// sees
    ///     them: in the agent's pod the node's plugin directory is mounted elsewhere
    public PluginRunner(JsonMapper json, Duration timeout, List<String> ownPath) {
        this.json = json;
        this.timeout = timeout;
        this.ownPath = List.copyOf(ownPath);
    }

    /// One execution of a plugin for one interface.
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
        Path program = program(call.type(), call.path());
        try {
            var exit = ProgramRunner.run(
                    program, call.environment(searched(call.path())), json.writeValueAsBytes(config), timeout);
            return result(call, exit);
        } catch (IOException e) {
            throw failed(call, String.valueOf(e.getMessage()));
        } catch (TimeoutException e) {
            throw failed(call, "it did not end within " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(call, "interrupted");
        }
    }

    private List<String> searched(List<String> path) {
        return Stream.concat(path.stream(), ownPath.stream())
                .filter(directory -> !directory.isEmpty())
                .distinct()
                .toList();
    }

    /// The plugin's program: the first of that name in the directories of CNI_PATH and of `ownPath`.
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

    private JsonNode result(Call call, ProgramRunner.Exit exit) {
        if (exit.output().isBlank() && exit.status() == 0) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode answer = json.readTree(exit.output());
            if (exit.status() == 0) {
                return answer;
            }
            String details = answer.path("details").asString("");
            String message = answer.path("msg").asString("") + (details.isEmpty() ? "" : "; " + details);
            throw failed(call, "code " + answer.path("code").asInt(0) + ": " + message);
        } catch (JacksonException e) {
            throw failed(
                    call,
                    "exit status " + exit.status() + ", its output is not JSON: " + excerpt(exit.output()) + " "
                            + excerpt(exit.errors()));
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
