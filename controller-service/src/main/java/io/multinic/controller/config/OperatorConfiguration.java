package io.multinic.controller.config;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.contract.trust.Credentials;
import io.multinic.controller.ipam.HttpIpamClient;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.ipam.IpamHealthIndicator;
import io.multinic.controller.ipam.QuarantineWatch;
import io.multinic.controller.kubernetes.ControllerIdentity;
import io.multinic.controller.kubernetes.RequeuePolicy;
import io.multinic.controller.lifecycle.Leadership;
import io.multinic.controller.lifecycle.OperatorLifecycle;
import io.multinic.controller.lifecycle.PeriodicChecks;
import io.multinic.controller.metrics.ControllerMetrics;
import io.multinic.controller.reconcile.network.MultiNicNetworkReconciler;
import io.multinic.controller.reconcile.node.HostInterfaceReconciler;
import io.multinic.controller.reconcile.node.NodeIdentities;
import io.multinic.controller.reconcile.node.NodeReconciler;
import io.multinic.controller.reconcile.node.NodeSweep;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Beans of the controller: the clients of the API server and of ipam-service, and the operator with its reconcilers.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ControllerProperties.class)
class OperatorConfiguration {
    /// Period of the rate limit of a network's reconciliations: many hosts report at once.
    private static final Duration RATE_LIMIT_PERIOD = Duration.ofMillis(250);

    private static final Duration CACHE_SYNC_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    @Bean(destroyMethod = "close")
    KubernetesClient kubernetesClient() {
        // Modifies the detected configuration in place: fabric8 keeps renewing the service account's token from its
        // file.
        var found = Config.autoConfigure(null);
        found.setUserAgent(ControllerIdentity.NAME);
        return new KubernetesClientBuilder().withConfig(found).build();
    }

    @Bean
    ControllerMetrics controllerMetrics(MeterRegistry registry) {
        return new ControllerMetrics(registry);
    }

    @Bean
    HttpIpamClient ipamClient(ControllerProperties properties, ControllerMetrics metrics) {
        return new HttpIpamClient(
                properties.ipamUrl(),
                new Credentials(properties.ipamTokenFile(), properties.ipamCa()),
                properties.ipamConnectTimeout(),
                properties.ipamAnswerTimeout(),
                metrics);
    }

    @Bean
    IpamHealthIndicator ipamHealthIndicator(HttpIpamClient ipam) {
        return new IpamHealthIndicator(ipam);
    }

    @Bean
    OperatorLifecycle operator(
            KubernetesClient client, IpamClient ipam, ControllerMetrics metrics, ControllerProperties properties) {
        // Not an orderly shutdown: running reconciliations would continue for seconds beside another leader.
        Runnable end = () -> Runtime.getRuntime().halt(1);
        var leadership = new Leadership(election(properties.leaderElection()), client, end);
        var operator = new Operator(overrider -> configure(overrider, client, leadership));
        var retry = new GenericRetry()
                .setInitialInterval(properties.retryFirst())
                .setMaxInterval(properties.retryLongest().toMillis())
                .withoutMaxAttempts();
        InstantSource clock = InstantSource.system();
        var networks = new MultiNicNetworkReconciler(
                client, ipam, metrics, clock, requeue(properties, properties.resyncNetworks()));
        var hosts = new HostInterfaceReconciler(
                client, ipam, metrics, clock, requeue(properties, properties.resyncNodes()));
        operator.register(
                networks,
                config -> config.withRetry(retry).withRateLimiter(new LinearRateLimiter(RATE_LIMIT_PERIOD, 3)));
        operator.register(hosts, config -> config.withRetry(retry));
        operator.register(
                new NodeReconciler(client, ipam, metrics),
                config -> config.withRetry(retry)
                        .withItemStore(new NodeIdentities())
                        .withOnUpdateFilter(OperatorConfiguration::isAnotherNode));
        var sweep = new NodeSweep(client, ipam, metrics, clock, properties.resyncNodes(), properties.nodeGoneAfter());
        var quarantine = new QuarantineWatch(ipam, List.of(networks::reconcileAll, hosts::reconcileAll));
        var checks = new PeriodicChecks(quarantine::check, properties.lookForQuarantine(), sweep::check);
        return new OperatorLifecycle(client, operator, leadership, checks, end);
    }

    /// True if a Node was replaced; other updates are heartbeats, which do not matter here.
    private static boolean isAnotherNode(Node now, Node before) {
        return !now.getMetadata().getUid().equals(before.getMetadata().getUid());
    }

    private static Leadership.Election election(ControllerProperties.LeaderElection settings) {
        return new Leadership.Election(settings.enabled(), settings.leaseName(), settings.leaseNamespace());
    }

    private static RequeuePolicy requeue(ControllerProperties properties, Duration resync) {
        return new RequeuePolicy(properties.retryFirst(), properties.retryLongest(), properties.waiting(), resync);
    }

    private static void configure(
            ConfigurationServiceOverrider overrider, KubernetesClient client, Leadership leadership) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                // The operator writes only the finalizer of a custom resource; a patch with resourceVersion works on
                // every API server.
                .withUseSSAToPatchPrimaryResource(false)
                // CRDs may be installed after the controller; their informers retry until they exist.
                .checkingCRDAndValidateLocalModel(false)
                .withStopOnInformerErrorDuringStartup(false)
                .withCacheSyncTimeout(CACHE_SYNC_TIMEOUT)
                .withReconciliationTerminationTimeout(STOP_TIMEOUT);
        leadership.configuration().ifPresent(overrider::withLeaderElectionConfiguration);
    }
}
