package io.multinic.ipam.support;

import io.multinic.ipam.IpamApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An ipam-service in its own process with the JVM flags of the image, so that it can be killed and measured.
public record IpamProcess(Process process, int port, Rest rest) {
    /// @param prefix a command that runs the service; may be empty
    /// @param log the file that the output is appended to
    public static IpamProcess start(List<String> prefix, Path log, HttpClient http, String... arguments)
            throws IOException {
        int port = freePort();
        var command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + Path.of("jvm.options").toAbsolutePath());
        command.addAll(application());
        command.add("--server.port=" + port);
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        boolean tls = Arrays.stream(arguments).anyMatch(argument -> argument.contains(".keystore.certificate="));
        return new IpamProcess(process, port, new Rest((tls ? "https" : "http") + "://127.0.0.1:" + port, http));
    }

    /// Class path and main class: of the packed application with its AOT cache in a Maven run, which packs it before
    /// the
    /// integration tests; otherwise of the classes under test.
    private static List<String> application() {
        String options = System.getProperty("ipam.start-options", "");
        return !options.isEmpty() && Files.exists(Path.of(options))
                ? List.of("@" + options)
                : List.of("-cp", System.getProperty("java.class.path"), IpamApplication.class.getName());
    }

    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// True if the service answers this path with 200.
    public boolean answers(String path) {
        try {
            return rest.get(path).status() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }
}
