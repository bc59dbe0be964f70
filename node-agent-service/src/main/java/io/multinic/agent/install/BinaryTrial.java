package io.multinic.agent.install;

import io.multinic.agent.exec.ProgramRunner;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/// Executes a CNI binary once, as a runtime would: it must reach this agent over its socket and report that ADD works.
///
/// One successful run proves that the file can be executed where it is, that it is built for this machine, and that
/// binary and agent use the same protocol.
///
/// @param socket path of the agent's CNI socket
/// @param patience limit for the whole run
public record BinaryTrial(Path socket, Duration patience) {
    private static final String CONFIG =
            "{\"cniVersion\":\"1.1.0\",\"name\":\"trial-of-a-new-binary\",\"type\":\"multi-nic\"}";
    private static final int PRINTED_MAX = 1000;

    /// @throws IOException if the file cannot be executed
    /// @throws MultiNicException INTERNAL with the binary's output, if it does not succeed
    void run(Path binary) throws IOException {
        var environment = Map.of(
                "CNI_COMMAND", "STATUS",
                "MULTI_NIC_SOCKET", socket.toString(),
                "MULTI_NIC_TIMEOUT_MS", Long.toString(patience.toMillis()));
        try {
            var exit = ProgramRunner.run(
                    binary, environment, CONFIG.getBytes(StandardCharsets.UTF_8), patience.plusSeconds(1));
            if (exit.status() != 0) {
                String printed = (exit.output() + exit.errors()).strip();
                throw failed("exit status " + exit.status() + ", it printed: "
                        + printed.substring(0, Math.min(printed.length(), PRINTED_MAX)));
            }
        } catch (TimeoutException e) {
            throw failed("it does not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        }
    }

    private static MultiNicException failed(String reason) {
        return new MultiNicException(ErrorCode.INTERNAL, "its trial run failed: " + reason);
    }
}
