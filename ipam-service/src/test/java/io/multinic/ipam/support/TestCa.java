package io.multinic.ipam.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A certificate authority for tests, made with openssl.
public final class TestCa {
    private final Path directory;

    /// Creates the authority; its certificate is `ca.crt` in the directory.
    public TestCa(Path directory) {
        this.directory = directory;
        openssl("-x509 -keyout ca.key -out ca.crt -subj /CN=test-ca -days 2");
    }

    public Path certificate() {
        return directory.resolve("ca.crt");
    }

    /// Writes a new certificate for this machine and its key to `tls.crt` and `tls.key` in the directory.
    public void issue(Path target) {
        openssl("-x509 -CA ca.crt -CAkey ca.key -subj /CN=ipam -days 2"
                + " -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
                + " -addext basicConstraints=critical,CA:FALSE"
                + " -keyout " + target.resolve("tls.key").toAbsolutePath()
                + " -out " + target.resolve("tls.crt").toAbsolutePath());
    }

    private void openssl(String arguments) {
        var line = new ArrayList<>(
                List.of("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"));
        line.addAll(List.of(arguments.split(" ", -1)));
        try {
            var process = new ProcessBuilder(line)
                    .directory(Files.createDirectories(directory).toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", line) + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
