package io.multinic.e2e.observe;

import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.HelmRelease;
import io.multinic.lab.client.IpamApi;
import io.multinic.lab.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// Sends requests to ipam-service the way an auditor does: with curl, over TLS, with the token of a ServiceAccount that
/// has the role reader.
public final class AuditorTransport implements IpamApi.Transport {
    /// The name of the auditor's ServiceAccount.
    public static final String AUDITOR = "auditor";

    private static final String AUDIENCE = "multi-nic-ipam";
    private static final String HOST = "multi-nic-ipam." + HelmRelease.NAMESPACE + ".svc";
    private static final int PORT = 8443;

    private final ClusterUnderTest cluster;
    private final HelmRelease release;
    private final Path directory;

    public AuditorTransport(ClusterUnderTest cluster, HelmRelease release) {
        this.cluster = cluster;
        this.release = release;
        directory = cluster.files().directory("e2e");
    }

    @Override
    public String get(String path) {
        Command.Result answer = call(path, "--fail-with-body", "--header", "@" + authorization());
        return answer.orThrow().out();
    }

    /// The HTTP status of a request without a token.
    public String statusWithoutToken(String path) {
        return call(path, "--output", "/dev/null", "--write-out", "%{http_code}")
                .orThrow()
                .out();
    }

    private Command.Result call(String path, String... options) {
        var line = new ArrayList<>(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                "10",
                "--cacert",
                written("ca.crt", release.secret("multi-nic-ipam-tls", "ca.crt"))
                        .toString(),
                "--resolve",
                HOST + ":" + PORT + ":" + release.ipamAddress()));
        line.addAll(List.of(options));
        line.add("https://" + HOST + ":" + PORT + path);
        return Command.of(line).run();
    }

    /// A file, because every user of the machine can read command lines.
    private Path authorization() {
        Path file = directory.resolve("authorization");
        if (Files.exists(file)) {
            return file;
        }
        String token = cluster.kubectl(
                "-n", HelmRelease.NAMESPACE, "create", "token", AUDITOR, "--audience", AUDIENCE, "--duration", "1h");
        return written("authorization", "Authorization: Bearer " + token.strip());
    }

    private Path written(String name, String text) {
        Path file = directory.resolve(name);
        try {
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
