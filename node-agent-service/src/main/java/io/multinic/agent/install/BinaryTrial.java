package io.multinic.agent.install;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Executes a CNI binary once, as a runtime would: it must reach this agent over its socket and hear that ADD works.
///
/// That shows all at once: the file can be executed where it lies, for this machine, and both ends speak the same
/// protocol.
///
/// @param socket that the agent serves
/// @param patience for the whole run
public record BinaryTrial(Path socket, Duration patience) {
    private static final String CONFIG =
            "{\"cniVersion\":\"1.1.0\",\"name\":\"trial-of-a-new-binary\",\"type\":\"multi-nic\"}";

    /// @throws IOException if the file cannot be executed
    /// @throws MultiNicException INTERNAL with what it printed, if it does not succeed
    void run(Path binary) throws IOException {
        var builder = new ProcessBuilder(binary.toString()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "CNI_COMMAND", "STATUS",
                        "MULTI_NIC_SOCKET", socket.toString(),
                        "MULTI_NIC_TIMEOUT_MS", Long.toString(patience.toMillis())));
        Process process = builder.start();
        try {
            try (var stdin = process.getOutputStream()) {
                stdin.write(CONFIG.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading; its exit status says why.
            }
            if (!process.waitFor(patience.plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS)) {
                throw failed("it does not end");
            }
            if (process.exitValue() != 0) {
                var printed = new String(process.getInputStream().readNBytes(1000), StandardCharsets.UTF_8);
                throw failed("exit status " + process.exitValue() + ", it printed: " + printed.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static MultiNicException failed(String reason) {
        return new MultiNicException(ErrorCode.INTERNAL, "its trial run failed: " + reason);
    }
}
