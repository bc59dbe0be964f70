package io.multinic.agent.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.install.BinaryHealthIndicator;
import io.multinic.agent.install.BinaryInstaller;
import io.multinic.agent.install.BinaryTrial;
import io.multinic.agent.install.NodeCleanup;
import io.multinic.agent.install.NodeCleanup.Removal;
import io.multinic.agent.install.OwnDaemonSet;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.metrics.EdgeMetrics;
import io.multinic.agent.plan.PlanFollower;
import io.multinic.agent.reconcile.Backoff;
import io.multinic.agent.reconcile.ReconcileLoop;
import io.multinic.agent.route.RouteReconciler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The agent as a pod: what it puts on its node, and when it takes it away.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, EdgeProperties.class, InstallProperties.class})
class InstallConfiguration {
    private static final Duration TRIAL = Duration.ofSeconds(5);

    /// None if somebody else installs the binary.
    @Bean
    @Nullable
    BinaryInstaller binaryInstaller(
            AgentProperties agent, InstallProperties properties, AttachmentService attachments) {
        return properties
                .binDirectory()
                .map(directory -> new BinaryInstaller(
                        properties.cniBinary(),
                        directory,
                        attachments::requireReady,
                        new BinaryTrial(agent.socket(), TRIAL)))
                .orElse(null);
    }

    @Bean
    BinaryHealthIndicator binaryHealthIndicator(@Nullable BinaryInstaller installer) {
        return new BinaryHealthIndicator(installer);
    }

    @Bean
    Departure departure() {
        return new Departure();
    }

    @Bean
    InstallLifecycle installLifecycle(
            @Nullable BinaryInstaller installer,
            KubernetesClient kubernetes,
            PlanFollower plans,
            EdgeMetrics metrics,
            EdgeProperties edge,
            InstallProperties properties,
            Departure departure) {
        OwnDaemonSet daemonSet = properties.daemonSet().isEmpty()
                ? null
                : new OwnDaemonSet(kubernetes, properties.daemonSet(), properties.daemonSetRecheck());
        var loop = Optional.ofNullable(installer)
                .map(binary -> new ReconcileLoop(
                        "cni-binary",
                        new ReconcileLoop.Pace(
                                Duration.ZERO,
                                edge.resync(),
                                new Backoff(edge.retryFirst(), edge.retryLongest(), RandomGenerator.getDefault())),
                        () -> metrics.reconciled("cni-binary", binary::reconcile)));
        loop.ifPresent(woken -> plans.onChange(_ -> woken.wake()));
        return new InstallLifecycle(installer, daemonSet, loop.orElse(null), departure);
    }

    @Bean
    RemainsLifecycle remainsLifecycle(
            Departure departure,
            SqliteJournal journal,
            AllocationStore store,
            Outbox outbox,
            RouteReconciler routes,
            AgentProperties agent,
            EdgeProperties edge) {
        Path socket = agent.socket().toAbsolutePath();
        var service = List.of(
                new Removal(routes::withdraw, List.of(edge.routeTableNames()), null),
                new Removal(() -> {}, List.of(socket, socket.resolveSibling(".web")), socket.getParent()));
        var state = new Removal(journal::close, state(agent), agent.stateDirectory());
        return new RemainsLifecycle(departure, new NodeCleanup(store, outbox, service, state));
    }

    private static List<Path> state(AgentProperties agent) {
        Path journal = agent.journal();
        return Stream.concat(
                        Stream.of("", "-wal", "-shm", ".lock")
                                .map(suffix -> journal.resolveSibling(journal.getFileName() + suffix)),
                        Stream.of(agent.nodeUid()))
                .toList();
    }
}
