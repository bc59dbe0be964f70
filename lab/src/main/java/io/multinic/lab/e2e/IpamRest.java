package io.multinic.lab.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.lab.LabException;
import io.multinic.lab.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// ipam-service's REST as an auditor uses it: curl, over TLS, with the token of a ServiceAccount that may only read.
final class IpamRest {
    static final String AUDITOR = "auditor";
    private static final String AUDIENCE = "multi-nic-ipam";
    private static final String HOST = "multi-nic-ipam." + Release.NAMESPACE + ".svc";
    private static final int PORT = 8443;

    private final Site site;
    private final Release release;
    private final Path directory;

    IpamRest(Site site, Release release) {
        this.site = site;
        this.release = release;
        directory = site.files().directory("e2e");
    }

    /// The history of every address of a network, all pages of it.
    List<AllocationInterval> audit(String network) {
        return all("/api/v1/audit?limit=1000&network=" + network, AllocationInterval.class);
    }

    /// Which node has which block of a network.
    List<NodeBlock> blocks(String network) {
        return all("/api/v1/networks/" + network + "/blocks?limit=1000", NodeBlock.class);
    }

    private <T> List<T> all(String path, Class<T> type) {
        var items = new ArrayList<T>();
        String cursor = "";
        do {
            JsonNode page = Serialization.unmarshal(get(path + cursor), JsonNode.class);
            for (JsonNode item : page.path("items")) {
                items.add(Serialization.unmarshal(item.toString(), type));
            }
            cursor = page.hasNonNull("next") ? "&cursor=" + page.path("next").asText() : "";
        } while (!cursor.isEmpty());
        return items;
    }

    /// @throws LabException where the answer is not 200
    String get(String path) {
        Command.Result answer = call(path, "--fail-with-body", "--header", "@" + authorization());
        return answer.orThrow().out();
    }

    /// The status of a call without a token.
    String statusWithoutToken(String path) {
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

    /// A file, because a command line can be read by everyone on the machine.
    private Path authorization() {
        Path file = directory.resolve("authorization");
        if (Files.exists(file)) {
            return file;
        }
        String token = site.kubectl(
                "-n", Release.NAMESPACE, "create", "token", AUDITOR, "--audience", AUDIENCE, "--duration", "1h");
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
