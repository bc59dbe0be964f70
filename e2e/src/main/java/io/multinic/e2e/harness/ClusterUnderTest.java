package io.multinic.e2e.harness;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.lab.cluster.RealCluster;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.Command;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The cluster that the steps work on, used with the tools that a user has.
public record ClusterUnderTest(LabFiles files, LabLayout layout, RealCluster real, Progress progress) {
    /// The namespace of users' pods.
    public static final String NAMESPACE = "default";

    public KubernetesClient kubernetes() {
        return real.kubernetes();
    }

    /// The standard output of kubectl.
    ///
    /// @throws LabException with kubectl's error output, if it fails
    public String kubectl(String... arguments) {
        return real.kubectl(arguments).orThrow().out();
    }

    /// Runs `kubectl apply` on a file with this content.
    public Command.Result apply(String yaml) {
        return real.kubectl("apply", "-f", written(yaml).toString());
    }

    /// Writes the manifest to a file for kubectl; the next call overwrites it.
    public Path written(String yaml) {
        Path file = files.directory("e2e").resolve("applied.yaml");
        try {
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public List<String> nodes() {
        return layout.nodes().stream().map(LabNode::name).toList();
    }

    /// The output of a shell script that runs on a node, in all of its namespaces.
    ///
    /// @throws LabException if it fails
    public String onNode(String node, String script) {
        return real.node(node).run("bash", "-c", script).orThrow().out();
    }

    /// Users' pods with a label.
    public List<Pod> pods(String label, String value) {
        return kubernetes()
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel(label, value)
                .list()
                .getItems();
    }

    /// Waits until exactly `count` pods of the deployment exist, all of them ready and none terminating.
    public void awaitReady(String deployment, int count, Duration limit) {
        Poll.until(count + " ready pods of " + deployment, limit, () -> {
            List<Pod> pods = pods("app", deployment);
            long ready = pods.stream().filter(PodObjects::ready).count();
            return ready == count && pods.size() == count
                    ? ""
                    : ready + " are ready, " + pods.size() + " exist: " + PodObjects.states(pods);
        });
    }

    public void scale(String deployment, int replicas) {
        kubectl("-n", NAMESPACE, "scale", "deployment/" + deployment, "--replicas=" + replicas);
    }

    public static Map<String, String> podLabels(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }
}
