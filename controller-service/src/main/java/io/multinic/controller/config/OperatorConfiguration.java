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
import io.multinic.controller.kubernetes.ControllerIdentity;
import io.multinic.controller.kubernetes.HostInterfaceReconciler;
import io.multinic.controller.kubernetes.LostCommits;
import io.multinic.controller.kubernetes.MultiNicNetworkReconciler;
import io.multinic.controller.kubernetes.NodeIdentities;
import io.multinic.controller.kubernetes.NodeReconciler;
import io.multinic.controller.kubernetes.NodeSweep;
import io.multinic.controller.kubernetes.RetryPolicy;
import io.multinic.controller.metrics.ControllerMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ControllerProperties.class)
class ControllerConfig {
    /// Many hosts report at once: a network is summed up a few times at most within this time.
    private static final Duration GATHER_EVENTS = Duration.ofMillis(250);

    private static final Duration CACHE_SYNC_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    @Bean(destroyMethod = "close")
    KubernetesClient kubernetesClient() {
        // It is still the configuration that was found: fabric8 reads the service account's token again from its file.
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
        // Not an orderly end: that would let what is at work go on for seconds, beside another leader.
        Runnable end = () -> Runtime.getRuntime().halt(1);
        var leadership = new Leadership(properties.leaderElection(), client, end);
        var operator = new Operator(overrider -> configure(overrider, client, leadership));
        var retry = new GenericRetry()
                .setInitialInterval(properties.retryFirst())
                .setMaxInterval(properties.retryLongest().toMillis())
                .withoutMaxAttempts();
        InstantSource clock = InstantSource.system();
        var networks = new MultiNicNetworkReconciler(
                client, ipam, metrics, clock, retries(properties, properties.resyncNetworks()));
        var hosts = new HostInterfaceReconciler(
                client, ipam, metrics, clock, retries(properties, properties.resyncNodes()));
        operator.register(
                networks, config -> config.withRetry(retry).withRateLimiter(new LinearRateLimiter(GATHER_EVENTS, 3)));
        operator.register(hosts, config -> config.withRetry(retry));
        operator.register(
                new NodeReconciler(client, ipam, metrics),
                config -> config.withRetry(retry)
                        .withItemStore(new NodeIdentities())
                        .withOnUpdateFilter(ControllerConfig::isAnotherNode));
        var sweep = new NodeSweep(client, ipam, metrics, clock, properties.resyncNodes(), properties.nodeGoneAfter());
        var lost = new LostCommits(ipam, List.of(networks::lookAgain, hosts::lookAgain));
        var rounds = new IpamRounds(lost, properties.lookForQuarantine(), sweep);
        return new OperatorLifecycle(client, operator, leadership, rounds, end);
    }

    /// Nodes are updated every few seconds as a sign of life; none of that matters here.
    private static boolean isAnotherNode(Node now, Node before) {
        return !now.getMetadata().getUid().equals(before.getMetadata().getUid());
    }

    private static RetryPolicy retries(ControllerProperties properties, Duration resync) {
        return new RetryPolicy(properties.retryFirst(), properties.retryLongest(), properties.waiting(), resync);
    }

    private static void configure(
            ConfigurationServiceOverrider overrider, KubernetesClient client, Leadership leadership) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                // Of the custom resource the operator writes the finalizer only: a patch that names the resourceVersion
                // does it on every API server.
                .withUseSSAToPatchPrimaryResource(false)
                // CRDs may be installed after the controller: their caches are tried again until they are there.
                .checkingCRDAndValidateLocalModel(false)
                .withStopOnInformerErrorDuringStartup(false)
                .withCacheSyncTimeout(CACHE_SYNC_TIMEOUT)
                .withReconciliationTerminationTimeout(STOP_TIMEOUT);
        leadership.configuration().ifPresent(overrider::withLeaderElectionConfiguration);
    }
}
