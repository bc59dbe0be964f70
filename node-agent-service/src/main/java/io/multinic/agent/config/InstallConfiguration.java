package io.multinic.agent.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.reconcile.ForwardingReconciler;
import io.multinic.agent.install.BinaryHealthIndicator;
import io.multinic.agent.install.BinaryInstaller;
import io.multinic.agent.install.BinaryTrial;
import io.multinic.agent.install.NodeCleanup;
import io.multinic.agent.install.NodeCleanup.Removal;
import io.multinic.agent.install.OwnDaemonSet;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.route.RouteReconciler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Installation of the CNI binary on the node, and removal of the agent from it.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, HostProperties.class, InstallProperties.class})
class InstallConfiguration {
    private static final Duration TRIAL = Duration.ofSeconds(5);

    /// Null if the agent installs no binary.
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
    NodeCleanup nodeCleanup(
            SqliteJournal journal,
            AllocationStore store,
            Outbox outbox,
            RouteReconciler routes,
            ForwardingReconciler forwarding,
            AgentProperties agent,
            HostProperties host) {
        Path socket = agent.socket().toAbsolutePath();
        var service = List.of(
                new Removal(routes::withdraw, List.of(host.routeTableNames()), null),
                new Removal(forwarding::withdraw, List.of(), null),
                new Removal(() -> {}, List.of(socket, socket.resolveSibling(".web")), socket.getParent()));
        var state = new Removal(journal::close, stateFiles(agent), agent.stateDirectory());
        return new NodeCleanup(store, outbox, service, state);
    }

    private static List<Path> stateFiles(AgentProperties agent) {
        return Stream.concat(SqliteJournal.files(agent.journal()).stream(), Stream.of(agent.nodeUid()))
                .toList();
    }

    @Bean
    AgentRemoval agentRemoval(
            @Nullable BinaryInstaller installer,
            KubernetesClient kubernetes,
            NodeCleanup cleanup,
            InstallProperties properties) {
        OwnDaemonSet daemonSet = properties.daemonSet().isEmpty()
                ? null
                : new OwnDaemonSet(kubernetes, properties.daemonSet(), properties.daemonSetRecheck());
        return new AgentRemoval(installer, daemonSet, cleanup);
    }
}
