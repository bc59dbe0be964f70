package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.lab.LabException;
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

/// Our Helm chart in the cluster, handled with helm.
final class Release {
    static final String NAME = "multi-nic";
    static final String NAMESPACE = "multi-nic";
    private static final String COMPONENT = "app.kubernetes.io/component";
    private static final Duration READY = Duration.ofSeconds(150);

    private final Site site;

    Release(Site site) {
        this.site = site;
    }

    /// `helm install` or `upgrade`; returns when helm and Kubernetes say that all of it is ready.
    ///
    /// @throws LabException with helm's words
    void deploy(String verb, String... settings) {
        var line = new ArrayList<String>(List.of(
                verb,
                NAME,
                chart().toString(),
                "--namespace",
                NAMESPACE,
                "--create-namespace",
                "--values",
                site.files().checkout().resolve("lab/e2e-values.yaml").toString(),
                "--wait",
                "--timeout",
                READY.toSeconds() + "s"));
        for (String setting : settings) {
            line.add("--set");
            line.add(setting);
        }
        site.cluster().helm(line.toArray(String[]::new)).orThrow();
        awaitReady();
    }

    /// The chart as `make chart` packs it.
    private Path chart() {
        Path directory = site.files().checkout().resolve("target");
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("multi-nic-cni-.*\\.tgz"))
                    .findFirst()
                    .orElseThrow(() -> new LabException("no chart in " + directory + ": make chart makes it"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void uninstall() {
        site.cluster()
                .helm("uninstall", NAME, "--namespace", NAMESPACE, "--wait", "--timeout", READY.toSeconds() + "s")
                .orThrow();
    }

    List<Pod> pods() {
        return site.kubernetes().pods().inNamespace(NAMESPACE).list().getItems();
    }

    List<Pod> pods(String component) {
        return pods().stream()
                .filter(pod -> component.equals(Site.podLabels(pod).get(COMPONENT)))
                .toList();
    }

    /// Waits until every pod of the release is ready and each node has its agent.
    void awaitReady() {
        Until.nothing("every pod of the release ready", READY, this::notReady);
    }

    private String notReady() {
        List<Pod> pods = pods();
        List<Pod> agents = pods("node-agent");
        boolean all = !pods.isEmpty() && pods.stream().allMatch(Pods::ready);
        return all && agents.size() == site.nodes().size() ? "" : Pods.states(pods) + ", agents: " + agents.size();
    }

    /// The agent's pod on a node.
    Pod agent(String node) {
        return pods("node-agent").stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .findFirst()
                .orElseThrow(() -> new LabException("no agent's pod on " + node));
    }

    /// As `kill -9` of the pod's JVM; kubelet starts the container again.
    void kill(Pod pod) {
        site.onNode(
                pod.getSpec().getNodeName(),
                "for process in $(grep -ls 'pod" + pod.getMetadata().getUid()
                        + "' /proc/[0-9]*/cgroup | cut -d/ -f3); do\n"
                        + "  [ \"$(cat /proc/$process/comm)\" = java ] && kill -KILL $process && killed=yes\n"
                        + "done\n[ -n \"$killed\" ]\n");
    }

    void scale(String kind, String component, int replicas) {
        site.kubectl("-n", NAMESPACE, "scale", kind + "/multi-nic-" + component, "--replicas=" + replicas);
    }

    /// The address of a ready pod of ipam-service.
    String ipamAddress() {
        return pods("ipam").stream()
                .filter(Pods::ready)
                .map(pod -> pod.getStatus().getPodIP())
                .findFirst()
                .orElseThrow(() -> new LabException("no pod of ipam-service is ready"));
    }

    /// A field of a Secret of the release.
    String secret(String name, String field) {
        var secret = site.kubernetes()
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
