package io.multinic.e2e.harness;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.lab.process.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/// The release of our Helm chart in the cluster, managed with helm.
public final class HelmRelease {
    public static final String NAME = "multi-nic";
    public static final String NAMESPACE = "multi-nic";
    private static final String COMPONENT = "app.kubernetes.io/component";
    private static final Duration READY = Duration.ofSeconds(150);

    private final ClusterUnderTest cluster;

    public HelmRelease(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    /// Runs `helm install` or `helm upgrade`; returns when helm and Kubernetes report every pod of the release as
    /// ready.
    ///
    /// @throws LabException with helm's error output
    public void deploy(String verb, String... settings) {
        var line = new ArrayList<String>(List.of(
                verb,
                NAME,
                chart().toString(),
                "--namespace",
                NAMESPACE,
                "--create-namespace",
                "--values",
                cluster.files().checkout().resolve("e2e/values.yaml").toString(),
                "--wait",
                "--timeout",
                READY.toSeconds() + "s"));
        for (String setting : settings) {
            line.add("--set");
            line.add(setting);
        }
        cluster.real().helm(line.toArray(String[]::new)).orThrow();
        awaitReady();
    }

    /// The chart as packed by `make chart`.
    private Path chart() {
        Path directory = cluster.files().checkout().resolve("target");
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("multi-nic-cni-.*\\.tgz"))
                    .findFirst()
                    .orElseThrow(() -> new LabException("no chart in " + directory + ": make chart makes it"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void uninstall() {
        cluster.real()
                .helm("uninstall", NAME, "--namespace", NAMESPACE, "--wait", "--timeout", READY.toSeconds() + "s")
                .orThrow();
    }

    public List<Pod> pods() {
        return cluster.kubernetes().pods().inNamespace(NAMESPACE).list().getItems();
    }

    public List<Pod> pods(String component) {
        return pods().stream()
                .filter(pod -> component.equals(ClusterUnderTest.podLabels(pod).get(COMPONENT)))
                .toList();
    }

    /// Waits until every pod of the release is ready and each node has its agent.
    public void awaitReady() {
        Poll.until("every pod of the release ready", READY, this::notReady);
    }

    private String notReady() {
        List<Pod> pods = pods();
        List<Pod> agents = pods("node-agent");
        boolean all = !pods.isEmpty() && pods.stream().allMatch(PodObjects::ready);
        return all && agents.size() == cluster.nodes().size()
                ? ""
                : PodObjects.states(pods) + ", agents: " + agents.size();
    }

    /// The agent's pod on a node.
    public Pod agent(String node) {
        return pods("node-agent").stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .findFirst()
                .orElseThrow(() -> new LabException("no agent's pod on " + node));
    }

    /// Kills the pod's JVM with SIGKILL; kubelet restarts the container.
    public void kill(Pod pod) {
        cluster.onNode(
                pod.getSpec().getNodeName(),
                "for process in $(grep -ls 'pod" + pod.getMetadata().getUid()
                        + "' /proc/[0-9]*/cgroup | cut -d/ -f3); do\n"
                        + "  [ \"$(cat /proc/$process/comm)\" = java ] && kill -KILL $process && killed=yes\n"
                        + "done\n[ -n \"$killed\" ]\n");
    }

    public void scale(String kind, String component, int replicas) {
        cluster.kubectl("-n", NAMESPACE, "scale", kind + "/multi-nic-" + component, "--replicas=" + replicas);
    }

    /// The address of a ready pod of ipam-service.
    public String ipamAddress() {
        return pods("ipam").stream()
                .filter(PodObjects::ready)
                .map(pod -> pod.getStatus().getPodIP())
                .findFirst()
                .orElseThrow(() -> new LabException("no pod of ipam-service is ready"));
    }

    /// A field of a Secret of the release.
    public String secret(String name, String field) {
        var secret = cluster.kubernetes()
                .secrets()
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
        if (secret == null || !secret.getData().containsKey(field)) {
            throw new LabException("no field " + field + " in Secret " + NAMESPACE + "/" + name);
        }
        return new String(Base64.getDecoder().decode(secret.getData().get(field)), StandardCharsets.UTF_8);
    }
}
