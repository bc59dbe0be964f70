package io.multinic.ipam.bench;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;

/// Thousands of waiting HTTPS clients, each with its own connection and virtual thread. They are minimal, so that the
/// benchmark measures the service and not an HTTP client.
final class WaitingAgents implements AutoCloseable {
    private static final int CONNECTING = 64;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore connecting = new Semaphore(CONNECTING);
    private final List<Future<String>> answers;

    /// @param tokens the token for each requested path
    WaitingAgents(SSLSocketFactory sockets, int port, Map<String, String> tokens) {
        answers = tokens.entrySet().stream()
                .map(each -> threads.submit(request(sockets, port, each.getKey(), each.getValue())))
                .toList();
    }

    private Callable<String> request(SSLSocketFactory sockets, int port, String path, String token) {
        return () -> {
            connecting.acquire();
            try (var socket = sockets.createSocket("127.0.0.1", port)) {
                // In HTTP/1.0 the end of the connection ends the answer.
                String head = "GET " + path + " HTTP/1.0\r\nAuthorization: Bearer " + token + "\r\n\r\n";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                connecting.release();
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        };
    }

    /// Waits until all clients have their answers.
    ///
    /// @return the bodies
    Stream<String> awaitAll() throws InterruptedException, ExecutionException {
        for (var answer : answers) {
            answer.get();
        }
        return answers.stream().map(Future::resultNow).map(WaitingAgents::body);
    }

    private static String body(String answer) {
        int head = answer.indexOf("\r\n\r\n");
        if (head < 0 || !answer.substring(0, head).contains(" 200")) {
            throw new AssertionError("answered " + answer);
        }
        return answer.substring(head + 4);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
