package io.multinic.lab.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.layout.LabNetwork;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.LabException;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.LabFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// A node of the cluster as a machine that runs commands, can crash and can boot again.
public final class ClusterNode {
    private static final Duration IMPORT = Duration.ofMinutes(3);

    private final LabFiles files;
    private final PodNetworks networks;
    private final LabNode layout;
    private final ServiceProcess process;

    ClusterNode(LabFiles files, PodNetworks networks, LabNode layout) {
        this.files = files;
        this.networks = networks;
        this.layout = layout;
        process = new ServiceProcess(
                layout.name(),
                List.of(
                        script("node"),
                        layout.name(),
                        layout.management().address().address().toString(),
                        networks.of(layout).toString()),
                Map.of("LAB_RUN", files.run().toString()),
                URI.create("http://" + layout.management().address().address() + ":10248/healthz"),
                files.log(layout.name()));
    }

    public String name() {
        return layout.name();
    }

    public LabNode layout() {
        return layout;
    }

    /// The first process of the node: its health is kubelet's, all processes of the node are its descendants.
    public ServiceProcess process() {
        return process;
    }

    /// Boots the node, for the first time or after `crash`. It is usable after `RealCluster.awaitReady`.
    public void start() {
        LabNetwork.create(networks.layout(), layout);
        networks.routeFrom(layout);
        files.directory(layout.name());
        process.start();
        try {
            Files.writeString(pidFile(), Long.toString(process.pid()));
        } catch (IOException e) {
            throw new LabException("cannot write " + pidFile(), e);
        }
    }

    /// Simulates a power failure: removes every process, mount, link and route of the node; its disk stays.
    public void crash() {
        process.kill();
        try {
            Files.deleteIfExists(pidFile());
        } catch (IOException e) {
            throw new LabException("cannot delete " + pidFile(), e);
        }
        LabNetwork.remove(layout);
    }

    private Path pidFile() {
        return files.run().resolve(layout.name()).resolve("pid");
    }

    /// A command on the node, in its namespaces and with its root file system.
    public Command command(String... arguments) {
        var line = new ArrayList<>(List.of(script("in-node"), layout.name()));
        line.addAll(List.of(arguments));
        return Command.of(line).withEnvironment(Map.of("LAB_RUN", files.run().toString()));
    }

    public Command.Result run(String... arguments) {
        return command(arguments).run();
    }

    /// The id of the current boot, which kubelet reports too; empty if the node is not up.
    public Optional<String> bootId() {
        Command.Result id = run("cat", "/proc/sys/kernel/random/boot_id");
        return id.ok() ? Optional.of(id.out().strip()) : Optional.empty();
    }

    /// The pids of the node's processes in the lab's PID namespace, without the first one.
    public List<Long> pids() {
        return ProcessHandle.of(process.pid()).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .toList();
    }

    /// The network namespace of the pod's newest sandbox, as a name for `ip netns exec` on the node.
    ///
    /// @throws LabException if the node has no sandbox of the pod
    public String podNetns(String namespace, String pod) {
        String filter = "labels.\"io.cri-containerd.kind\"==sandbox,labels.\"io.kubernetes.pod.namespace\"=="
                + namespace + ",labels.\"io.kubernetes.pod.name\"==" + pod;
        return run("ctr", "--namespace", "k8s.io", "containers", "list", "--quiet", filter)
                .orThrow()
                .out()
                .lines()
                .map(this::container)
                .max(Comparator.comparing(
                        container -> container.path("CreatedAt").asText()))
                .map(ClusterNode::networkNamespace)
                .orElseThrow(() -> new LabException("no sandbox of pod " + namespace + "/" + pod + " on " + name()));
    }

    private JsonNode container(String id) {
        return Serialization.unmarshal(
                run("ctr", "--namespace", "k8s.io", "containers", "info", id)
                        .orThrow()
                        .out(),
                JsonNode.class);
    }

    private static String networkNamespace(JsonNode container) {
        return StreamSupport.stream(
                        container.path("Spec").path("linux").path("namespaces").spliterator(), false)
                .filter(one -> one.path("type").asText().equals("network"))
                .map(one -> Path.of(one.path("path").asText()).getFileName().toString())
                .findFirst()
                .orElseThrow(() -> new LabException("a sandbox in the node's own network"));
    }

    /// Imports the image of an OCI tar into the node's containerd.
    void loadImage(Path tar) {
        var line =
                new ArrayList<>(List.of("sh", "-c", "image=$1; shift; exec \"$@\" <\"$image\"", "sh", tar.toString()));
        line.addAll(
                command("ctr", "--namespace", "k8s.io", "images", "import", "-").line());
        Command.of(line)
                .withEnvironment(Map.of("LAB_RUN", files.run().toString()))
                .withTimeout(IMPORT)
                .run()
                .orThrow();
    }

    private String script(String name) {
        return files.checkout().resolve("lab/cluster").resolve(name).toString();
    }
}
