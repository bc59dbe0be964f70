package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.lab.LabException;
import io.multinic.lab.LabFiles;
import io.multinic.lab.Progress;
import io.multinic.lab.cluster.RealCluster;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The cluster that the steps work on, by the tools that a user has.
record Site(LabFiles files, LabLayout layout, RealCluster cluster, Progress progress) {
    /// Where users' pods are.
    static final String NAMESPACE = "default";

    KubernetesClient kubernetes() {
        return cluster.kubernetes();
    }

    /// What kubectl printed.
    ///
    /// @throws LabException with its words, where it fails
    String kubectl(String... arguments) {
        return cluster.kubectl(arguments).orThrow().out();
    }

    /// As a user applies a file.
    Command.Result apply(String yaml) {
        return cluster.kubectl("apply", "-f", written(yaml).toString());
    }

    /// A file that kubectl can be given; until the next one.
    Path written(String yaml) {
        Path file = files.directory("e2e").resolve("applied.yaml");
        try {
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> nodes() {
        return layout.nodes().stream().map(LabNode::name).toList();
    }

    /// The output of a shell script that runs on a node, in all of its namespaces.
    ///
    /// @throws LabException where it fails
    String onNode(String node, String script) {
        return cluster.node(node).run("bash", "-c", script).orThrow().out();
    }

    /// Pods of users with a label.
    List<Pod> pods(String label, String value) {
        return kubernetes()
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel(label, value)
                .list()
                .getItems();
    }

    /// Waits until exactly `count` pods of the deployment are there and ready, and none is on its way out.
    void awaitReady(String deployment, int count, Duration limit) {
        Until.nothing(count + " ready pods of " + deployment, limit, () -> {
            List<Pod> pods = pods("app", deployment);
            long ready = pods.stream().filter(Pods::ready).count();
            return ready == count && pods.size() == count
                    ? ""
                    : ready + " are ready, " + pods.size() + " exist: " + Pods.states(pods);
        });
    }

    void scale(String deployment, int replicas) {
        kubectl("-n", NAMESPACE, "scale", "deployment/" + deployment, "--replicas=" + replicas);
    }

    static Map<String, String> podLabels(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }
}
