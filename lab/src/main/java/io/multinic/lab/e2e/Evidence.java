package io.multinic.lab.e2e;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.lab.LabException;
import io.multinic.lab.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What is kept of a failure, and what of it is shown.
final class Evidence {
    private static final int SHOWN_LINES = 12;
    private static final int SHOWN_WIDTH = 400;

    /// Logs of our containers, those that ended as well, and of Multus.
    private static final String NODE_LOGS =
            "tail -n 3000 /var/log/pods/" + Release.NAMESPACE + "_*/*/*.log /var/log/multus.log 2>/dev/null; true";

    private final Site site;
    private final Path directory;

    Evidence(Site site) {
        this.site = site;
        directory = site.files().checkout().resolve("lab/target/e2e-logs");
    }

    Path directory() {
        return directory;
    }

    /// Removes what an earlier run left.
    void begin() {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> old = Files.walk(directory)) {
            for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Keeps all that may explain why `step` failed, and shows the ends of it.
    void collect(Step step) {
        Path kept = directory.resolve(step.name());
        try {
            Files.createDirectories(kept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String pods = keep(kept, "pods.txt", () -> kubectl("get", "pods", "-A", "-o", "wide"));
        keep(kept, "describe.txt", () -> kubectl("describe", "pods", "-A"));
        keep(kept, "networks.yaml", () -> kubectl("get", "multinicnetworks,hostinterfaces", "-o", "yaml"));
        String events = keep(
                kept,
                "events.txt",
                () -> kubectl(
                        "get",
                        "events",
                        "-A",
                        "--field-selector",
                        "type=Warning",
                        "--sort-by",
                        "{.metadata.creationTimestamp}"));
        for (String node : site.nodes()) {
            keep(kept, node + "-pods.log", () -> site.onNode(node, NODE_LOGS));
        }
        copyLogs(kept);
        show("pods that are not ready", pods.lines().filter(line -> !healthy(line)));
        show("warnings", events.lines());
        site.progress().show("    all of it: " + kept + "\n");
    }

    private static boolean healthy(String line) {
        return line.matches("\\S+\\s+\\S+\\s+(\\d+)/\\1\\s+Running\\s.*");
    }

    /// Of the control plane and the nodes' kubelets and containerds.
    private void copyLogs(Path kept) {
        try (Stream<Path> logs = Files.list(site.files().run())) {
            for (Path log :
                    logs.filter(file -> file.toString().endsWith(".log")).toList()) {
                Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String kubectl(String... arguments) {
        Command.Result result = site.cluster().kubectl(arguments);
        return result.out() + result.err();
    }

    /// A witness that cannot be asked must not hide the failure.
    private static String keep(Path directory, String name, Supplier<String> text) {
        String kept;
        try {
            kept = text.get();
        } catch (LabException | KubernetesClientException e) {
            kept = String.valueOf(e.getMessage());
        }
        try {
            Files.writeString(directory.resolve(name), kept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return kept;
    }

    private void show(String what, Stream<String> lines) {
        List<String> all = lines.map(Evidence::shortened).toList();
        if (!all.isEmpty()) {
            List<String> last = all.subList(Math.max(0, all.size() - SHOWN_LINES), all.size());
            site.progress()
                    .show("    " + what + ":\n"
                            + String.join("\n", last).indent(8).stripTrailing());
        }
    }

    /// The beginning says what it is about, the end says why.
    private static String shortened(String line) {
        return line.length() <= SHOWN_WIDTH
                ? line
                : line.substring(0, SHOWN_WIDTH / 3) + " … " + line.substring(line.length() - SHOWN_WIDTH * 2 / 3);
    }
}
