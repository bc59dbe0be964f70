package io.multinic.lab.services;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.lab.client.HttpTransport;
import io.multinic.lab.client.IpamApi;
import io.multinic.lab.kubernetes.EmbeddedCluster;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNetwork;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime;
import io.multinic.lab.pod.Pods;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import io.multinic.lab.trust.LabTrust;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A running lab: the layout's namespaces and links exist, the embedded API has its objects, every service is ready.
///
/// It must run in the namespaces that `lab/run` makes, which the kernel removes at the end: nothing is undone here.
public final class Lab implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(150);
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(3);

    private final LabFiles files;
    private final LabLayout layout;
    private final Progress progress;
    private final Services services;
    private final ServiceProcess apiServer;
    private final ServiceProcess ipam;
    private final ServiceProcess controller;
    private final Map<String, ServiceProcess> agents = new LinkedHashMap<>();
    private final KubernetesClient kubernetes;
    private final HttpTransport ipamTransport;
    private final IpamApi ipamApi;
    private final Pods pods;

    private Lab(LabFiles files, LabLayout layout, Progress progress, AgentCommand agentCommand) {
        this.files = files;
        this.layout = layout;
        this.progress = progress;
        services = new Services(files, layout, agentCommand);
        apiServer = services.apiServer();
        ipam = services.ipam();
        controller = services.controller();
        layout.nodes().forEach(node -> agents.put(node.name(), services.agent(node)));
        kubernetes = EmbeddedCluster.connect(services.apiServerUrl());
        ipamTransport = new HttpTransport(services.ipamUrl(), files.trust().credentials(LabTrust.Account.ADMIN));
        ipamApi = new IpamApi(ipamTransport);
        pods = new Pods(kubernetes, this::runtime);
    }

    /// Starts a lab and waits until every service is ready.
    ///
    /// @throws LabException with the end of the log, if a service ends or is not ready in time
    public static Lab start(LabFiles files, LabLayout layout, Progress progress) {
        return start(files, layout, progress, AgentCommand.STANDARD);
    }

    /// Starts a lab whose agents are started by `agentCommand`.
    ///
    /// @throws LabException as the other `start`
    public static Lab start(LabFiles files, LabLayout layout, Progress progress, AgentCommand agentCommand) {
        var lab = new Lab(files, layout, progress, agentCommand);
        LabNetwork.create(layout);
        progress.step(
                layout.nodes().size() + " nodes on " + layout.fabrics().size() + " fabrics and a management network");
        files.trust()
                .create(
                        layout.controlAddress(),
                        Stream.concat(layout.nodes().stream(), Stream.of(layout.late()))
                                .map(LabNode::name)
                                .toList());
        EmbeddedCluster.writeKubeconfig(lab.services.apiServerUrl(), files.kubeconfig());
        lab.apiServer.start();
        lab.ipam.start();
        lab.awaitReady(List.of(lab.apiServer));
        EmbeddedCluster.fill(lab.kubernetes, layout);
        lab.controller.start();
        lab.agents.values().forEach(ServiceProcess::start);
        var others = new ArrayList<ServiceProcess>();
        others.add(lab.ipam);
        others.add(lab.controller);
        others.addAll(lab.agents.values());
        lab.awaitReady(others);
        return lab;
    }

    /// Adds a node to the running lab and waits until its agent is ready.
    ///
    /// @param node the layout's `late` node
    public void join(LabNode node) {
        LabNetwork.create(layout, node);
        kubernetes.resource(EmbeddedCluster.node(node)).create();
        var agent = services.agent(node);
        agents.put(node.name(), agent);
        agent.start();
        awaitReady(List.of(agent));
    }

    /// Removes a node that has joined. It must not run pods.
    public void leave(LabNode node) {
        agent(node).kill();
        agents.remove(node.name());
        kubernetes.nodes().withName(node.name()).delete();
        LabNetwork.remove(node);
    }

    /// Access to the pods of a lab that another process started with the same files and layout.
    public static Pods podsOf(LabFiles files, LabLayout layout) {
        var services = new Services(files, layout);
        return new Pods(EmbeddedCluster.connect(services.apiServerUrl()), services::runtime);
    }

    /// Waits until all services are ready. Prints each service when it becomes ready, and every few seconds the pending
    /// ones.
    public void awaitReady(List<ServiceProcess> waiting) {
        var pending = new ArrayList<>(waiting);
        long end = System.nanoTime() + READY.toNanos();
        long nextProgress = System.nanoTime() + PROGRESS_INTERVAL.toNanos();
        while (!pending.isEmpty()) {
            pending.removeIf(service -> {
                boolean ready = service.ready();
                if (ready) {
                    progress.step(service.name() + " is ready, " + seconds(service.timeToReady()) + " after its start");
                }
                return ready;
            });
            String names = pending.stream().map(ServiceProcess::name).collect(Collectors.joining(", "));
            if (System.nanoTime() > end) {
                throw new LabException(names + ": not ready after " + READY.toSeconds() + " s\n"
                        + pending.getFirst().logTail());
            }
            if (!pending.isEmpty() && System.nanoTime() > nextProgress) {
                progress.step("waiting for " + names);
                nextProgress = System.nanoTime() + PROGRESS_INTERVAL.toNanos();
            }
            Deadline.pause(Duration.ofMillis(50));
        }
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /// @throws LabException with the end of the log, if a service has ended
    public void requireAlive() {
        processes().forEach(ServiceProcess::requireAlive);
    }

    public List<ServiceProcess> processes() {
        var all = new ArrayList<>(List.of(apiServer, ipam, controller));
        all.addAll(agents.values());
        return all;
    }

    public LabFiles files() {
        return files;
    }

    public LabLayout layout() {
        return layout;
    }

    public KubernetesClient kubernetes() {
        return kubernetes;
    }

    public URI ipamUrl() {
        return services.ipamUrl();
    }

    public IpamApi ipamApi() {
        return ipamApi;
    }

    public Pods pods() {
        return pods;
    }

    public ServiceProcess apiServer() {
        return apiServer;
    }

    public ServiceProcess ipam() {
        return ipam;
    }

    public ServiceProcess controller() {
        return controller;
    }

    public ServiceProcess agent(LabNode node) {
        return Objects.requireNonNull(agents.get(node.name()));
    }

    /// The runtime that calls the CNI binary on `node`.
    public CniRuntime runtime(LabNode node) {
        return services.runtime(node);
    }

    @Override
    public void close() {
        ipamTransport.close();
        kubernetes.close();
        processes().forEach(ServiceProcess::kill);
    }
}
