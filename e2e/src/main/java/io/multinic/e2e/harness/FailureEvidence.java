package io.multinic.e2e.harness;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Collects logs and cluster state after a failed step, and prints an extract.
public final class FailureEvidence {
    private static final int SHOWN_LINES = 12;
    private static final int SHOWN_WIDTH = 400;

    /// Logs of our containers, including terminated ones, and of Multus.
    private static final String NODE_LOGS =
            "tail -n 3000 /var/log/pods/" + HelmRelease.NAMESPACE + "_*/*/*.log /var/log/multus.log 2>/dev/null; true";

    private final ClusterUnderTest cluster;
    private final Path directory;

    public FailureEvidence(ClusterUnderTest cluster) {
        this.cluster = cluster;
        directory = cluster.files().checkout().resolve("lab/target/e2e-logs");
    }

    /// Removes the files of an earlier run.
    public void removeOld() {
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

    /// Stores everything that may explain the failure of `step`, and prints the last lines.
    public void collect(Step step) {
        Path target = directory.resolve(step.name());
        try {
            Files.createDirectories(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String pods = keep(target, "pods.txt", () -> kubectl("get", "pods", "-A", "-o", "wide"));
        keep(target, "describe.txt", () -> kubectl("describe", "pods", "-A"));
        keep(target, "networks.yaml", () -> kubectl("get", "multinicnetworks,hostinterfaces", "-o", "yaml"));
        String events = keep(
                target,
                "events.txt",
                () -> kubectl(
                        "get",
                        "events",
                        "-A",
                        "--field-selector",
                        "type=Warning",
                        "--sort-by",
                        "{.metadata.creationTimestamp}"));
        for (String node : cluster.nodes()) {
            keep(target, node + "-pods.log", () -> cluster.onNode(node, NODE_LOGS));
        }
        copyLogs(target);
        show("pods that are not ready", pods.lines().filter(line -> !healthy(line)));
        show("warnings", events.lines());
        cluster.progress().show("    all of it: " + target + "\n");
    }

    private static boolean healthy(String line) {
        return line.matches("\\S+\\s+\\S+\\s+(\\d+)/\\1\\s+Running\\s.*");
    }

    /// Copies the logs of the control plane and of the nodes' kubelets and containerds.
    private void copyLogs(Path target) {
        try (Stream<Path> logs = Files.list(cluster.files().run())) {
            for (Path log :
                    logs.filter(file -> file.toString().endsWith(".log")).toList()) {
                Files.copy(log, target.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String kubectl(String... arguments) {
        Command.Result result = cluster.real().kubectl(arguments);
        return result.out() + result.err();
    }

    /// Stores the output of one source. A source that fails is stored as its error message, so that it does not hide
    /// the failure of the step.
    private static String keep(Path directory, String name, Supplier<String> text) {
        String content;
        try {
            content = text.get();
        } catch (LabException | KubernetesClientException e) {
            content = String.valueOf(e.getMessage());
        }
        try {
            Files.writeString(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content;
    }

    private void show(String title, Stream<String> lines) {
        List<String> all = lines.map(FailureEvidence::shortened).toList();
        if (!all.isEmpty()) {
            List<String> last = all.subList(Math.max(0, all.size() - SHOWN_LINES), all.size());
            cluster.progress()
                    .show("    " + title + ":\n"
                            + String.join("\n", last).indent(8).stripTrailing());
        }
    }

    /// Shortens a line in the middle: the start names the object, the end the cause.
    private static String shortened(String line) {
        return line.length() <= SHOWN_WIDTH
                ? line
                : line.substring(0, SHOWN_WIDTH / 3) + " … " + line.substring(line.length() - SHOWN_WIDTH * 2 / 3);
    }
}
