package io.multinic.lab.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNetwork;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A running Kubernetes cluster: a control plane, nodes that are Ready, Multus as the pod network, DNS.
///
/// It must run in the namespaces that `lab/run` makes, with the programs that `lab/cluster/parts` builds. Nothing is
/// undone here: the cluster ends with the lab. Methods that change the cluster are not thread-safe.
public final class RealCluster implements AutoCloseable {
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofMinutes(5);
    private static final int VOLUMES_PER_NODE = 2;

    private final LabFiles files;
    private final LabLayout layout;
    private final ControlPlane controlPlane;
    private final List<ClusterNode> nodes;
    private final KubernetesClient kubernetes;

    private RealCluster(LabFiles files, LabLayout layout, Path pki, PodNetworks networks) {
        this.files = files;
        this.layout = layout;
        controlPlane = new ControlPlane(files, layout, pki);
        nodes = layout.nodes().stream()
                .map(node -> new ClusterNode(files, networks, node))
                .toList();
        kubernetes = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(files.kubeconfig().toFile()))
                .build();
    }

    /// Starts a cluster and waits until every node is Ready and the cluster's DNS is ready.
    ///
    /// @throws LabException with the log of the failed part
    public static RealCluster start(LabFiles files, LabLayout layout, Progress progress) {
        linkParts(files);
        var networks = new PodNetworks(layout);
        LabNetwork.createFabrics(layout);
        Path pki = makeKeys(files, layout);
        var cluster = new RealCluster(files, layout, pki, networks);
        cluster.controlPlane.etcd.start();
        cluster.controlPlane.apiServer.start();
        cluster.nodes.forEach(ClusterNode::start);
        networks.routeFromControlPlane();
        progress.step(layout.nodes().size() + " nodes on " + layout.fabrics().size()
                + " fabrics and a management network boot");

        cluster.awaitStart(cluster.controlPlane.apiServer);
        progress.step("the API server is ready");
        cluster.controlPlane.controllerManager.start();
        cluster.controlPlane.scheduler.start();
        cluster.applyInitialManifests();
        cluster.nodes.forEach(node -> {
            cluster.awaitReady(node);
            progress.step(node.name() + " is Ready");
        });
        cluster.awaitSystem();
        progress.step("pods can start, and the cluster's DNS answers");
        return cluster;
    }

    /// Links the current parts into the run directory, so that a later build does not change a running cluster. A test
    /// may
    /// have linked another set before.
    private static void linkParts(LabFiles files) {
        if (Files.exists(files.run().resolve("parts"))) {
            return;
        }
        Path parts = Path.of(Command.of(script(files, "parts"), "--where")
                .run()
                .orThrow()
                .out()
                .strip());
        try {
            Files.createSymbolicLink(files.run().resolve("parts"), parts);
        } catch (IOException e) {
            throw new LabException("cannot link " + parts, e);
        }
    }

    private static Path makeKeys(LabFiles files, LabLayout layout) {
        Path pki = files.directory("pki");
        var line = new ArrayList<>(List.of(
                script(files, "pki"), pki.toString(), layout.controlAddress().toString()));
        layout.nodes()
                .forEach(node ->
                        line.add(node.name() + "=" + node.management().address().address()));
        Command.of(line).run().orThrow();
        try {
            Files.copy(pki.resolve("admin.kubeconfig"), files.kubeconfig());
        } catch (IOException e) {
            throw new LabException("cannot write " + files.kubeconfig(), e);
        }
        return pki;
    }

    private void applyInitialManifests() {
        try (InputStream definitions = RealCluster.class.getResourceAsStream("/network-attachment-definitions.yaml");
                Stream<Path> manifests = Files.list(files.checkout().resolve("lab/cluster/manifests"))
                        .sorted()) {
            apply(kubernetes.load(definitions).items());
            for (Path manifest : manifests.toList()) {
                try (InputStream yaml = Files.newInputStream(manifest)) {
                    apply(kubernetes.load(yaml).items());
                }
            }
        } catch (IOException e) {
            throw new LabException("cannot read the manifests of the cluster", e);
        }
        apply(localVolumes());
    }

    private void apply(List<HasMetadata> items) {
        items.forEach(item -> kubernetes.resource(item).serverSideApply());
    }

    /// Volumes for claims of the default storage class: directories on the nodes' disks.
    private List<HasMetadata> localVolumes() {
        var volumes = new ArrayList<HasMetadata>();
        for (ClusterNode node : nodes) {
            for (int number = 1; number <= VOLUMES_PER_NODE; number++) {
                volumes.add(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(node.name() + "-" + number)
                        .endMetadata()
                        .withNewSpec()
                        .withStorageClassName("local")
                        .addToCapacity("storage", new Quantity("10Gi"))
                        .withAccessModes("ReadWriteOnce")
                        .withPersistentVolumeReclaimPolicy("Retain")
                        .withNewLocal()
                        .withPath("/var/lib/lab-volumes/" + number)
                        .endLocal()
                        .withNewNodeAffinity()
                        .withNewRequired()
                        .addNewNodeSelectorTerm()
                        .addNewMatchExpression()
                        .withKey("kubernetes.io/hostname")
                        .withOperator("In")
                        .withValues(node.name())
                        .endMatchExpression()
                        .endNodeSelectorTerm()
                        .endRequired()
                        .endNodeAffinity()
                        .endSpec()
                        .build());
            }
        }
        return volumes;
    }

    private void awaitHealthy(ServiceProcess process) {
        Deadline.await(process.name() + " ready", READY, process::ready, process::logTail);
    }

    /// Waits until the kubelet of the node's current boot reports Ready.
    public void awaitReady(ClusterNode node) {
        Deadline.await(
                node.name() + " Ready",
                READY,
                () -> {
                    controlPlane.apiServer.requireAlive();
                    node.process().requireAlive();
                    return isReady(node);
                },
                () -> node.name() + " reports " + conditions(node) + "; logs: " + files.log(node.name() + "-*"));
    }

    private boolean isReady(ClusterNode node) {
        Node seen = find(node);
        return seen != null
                && seen.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"))
                && node.bootId()
                        .equals(Optional.of(seen.getStatus().getNodeInfo().getBootID()));
    }

    private String conditions(ClusterNode node) {
        Node seen = find(node);
        return seen == null ? "nothing yet" : seen.getStatus().getConditions().toString();
    }

    private @Nullable Node find(ClusterNode node) {
        try {
            return kubernetes.nodes().withName(node.name()).get();
        } catch (KubernetesClientException e) {
            return null;
        }
    }

    private void awaitStart(ServiceProcess process) {
        awaitStart(process.name() + " ready", process::ready, process::logTail);
    }

    /// Waits for a step of the cluster's start. A program of the control plane or of a node that cannot start ends the
    /// wait at once, with its name and last line.
    private void awaitStart(String description, BooleanSupplier condition, Supplier<String> evidence) {
        Deadline.await(
                description,
                READY,
                () -> {
                    requireAlive();
                    return condition.getAsBoolean();
                },
                evidence);
    }

    private void awaitSystem() {
        awaitStart(controlPlane.controllerManager);
        awaitStart(controlPlane.scheduler);
        awaitStart(
                "ServiceAccount default/default, without which no pod is accepted",
                () -> kubernetes
                                .serviceAccounts()
                                .inNamespace("default")
                                .withName("default")
                                .get()
                        != null,
                controlPlane.controllerManager::logTail);
        awaitStart(
                "the cluster's DNS",
                () -> kubernetes
                        .apps()
                        .deployments()
                        .inNamespace("kube-system")
                        .withName("coredns")
                        .isReady(),
                () -> kubectl("--namespace=kube-system", "describe", "pods").out());
    }

    /// A client with an administrator's rights.
    public KubernetesClient kubernetes() {
        return kubernetes;
    }

    public Command.Result kubectl(String... arguments) {
        return tool("kubectl", arguments).run();
    }

    public Command.Result helm(String... arguments) {
        return tool("helm", arguments).run();
    }

    /// A command of the cluster's kubectl or helm with an administrator's rights, for input or another time limit.
    public Command tool(String name, String... arguments) {
        var line = new ArrayList<>(
                List.of(files.run().resolve("parts").resolve(name).toString()));
        line.addAll(List.of(arguments));
        return Command.of(line)
                .withEnvironment(Map.of(
                        "KUBECONFIG", files.kubeconfig().toString(),
                        "KUBECACHEDIR", files.run().resolve("kubectl-cache").toString(),
                        "HELM_CACHE_HOME", files.directory("helm").toString(),
                        "HELM_CONFIG_HOME", files.directory("helm").toString(),
                        "HELM_DATA_HOME", files.directory("helm").toString()))
                .withTimeout(COMMAND);
    }

    public List<ClusterNode> nodes() {
        return nodes;
    }

    public ClusterNode node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no node " + name + " in this cluster"));
    }

    /// etcd, API server, controller manager and scheduler.
    public List<ServiceProcess> controlPlane() {
        return List.of(
                controlPlane.etcd, controlPlane.apiServer, controlPlane.controllerManager, controlPlane.scheduler);
    }

    public ServiceProcess apiServer() {
        return controlPlane.apiServer;
    }

    /// Kills the API server, starts it again and waits until it is ready.
    public void restartApiServer() {
        controlPlane.apiServer.kill();
        controlPlane.apiServer.start();
        awaitHealthy(controlPlane.apiServer);
    }

    /// Imports the image of an OCI tar on every node.
    public void loadImage(Path tar) {
        onEveryNode(node -> node.loadImage(tar));
    }

    private void onEveryNode(Consumer<ClusterNode> action) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            nodes.stream()
                    .map(node -> CompletableFuture.runAsync(() -> action.accept(node), threads))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
    }

    /// @throws LabException with the end of the log, if a process of the control plane or a node has ended
    public void requireAlive() {
        controlPlane().forEach(ServiceProcess::requireAlive);
        nodes.forEach(node -> node.process().requireAlive());
    }

    public LabFiles files() {
        return files;
    }

    public LabLayout layout() {
        return layout;
    }

    private static String script(LabFiles files, String name) {
        return files.checkout().resolve("lab/cluster").resolve(name).toString();
    }

    @Override
    public void close() {
        kubernetes.close();
        nodes.forEach(node -> node.process().kill());
        controlPlane().reversed().forEach(ServiceProcess::kill);
    }
}
