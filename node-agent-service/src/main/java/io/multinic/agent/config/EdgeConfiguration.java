package io.multinic.agent.config;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.HttpNodeIpamClient;
import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.ledger.LedgerHealthIndicator;
import io.multinic.agent.ledger.LedgerUplink;
import io.multinic.agent.metrics.EdgeMetrics;
import io.multinic.agent.nic.HostInterfacePublisher;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.plan.PlanCache;
import io.multinic.agent.plan.PlanFollower;
import io.multinic.agent.plan.PlanHealthIndicator;
import io.multinic.agent.reconcile.Backoff;
import io.multinic.agent.reconcile.ReconcileLoop;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.RouteTableNames;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.contract.crd.HostInterfaceStatus;
import io.multinic.contract.trust.Credentials;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/// From ipam-service and the API server to the kernel's routes, and back.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, EdgeProperties.class})
class EdgeConfiguration {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration API_SERVER_TIMEOUT = Duration.ofSeconds(10);

    /// The API server takes the name of the client for the manager of the fields that it writes.
    private static final String FIELD_MANAGER = "multi-nic-node-agent";

    private static final Duration ROUTE_SETTLE = Duration.ofMillis(20);
    private static final Duration HOST_INTERFACE_SETTLE = Duration.ofMillis(100);

    private static Backoff backoff(EdgeProperties properties) {
        return new Backoff(properties.retryFirst(), properties.retryLongest(), RandomGenerator.getDefault());
    }

    /// Its calls fail soon: each of them is made by a loop that tries again.
    @Bean(destroyMethod = "close")
    KubernetesClient kubernetesClient() {
        Config config = new ConfigBuilder(Config.autoConfigure(null))
                .withConnectionTimeout((int) CONNECT_TIMEOUT.toMillis())
                .withRequestTimeout((int) API_SERVER_TIMEOUT.toMillis())
                .withRequestRetryBackoffLimit(1)
                .withUserAgent(FIELD_MANAGER)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    @Bean
    Credentials ipamCredentials(EdgeProperties properties) {
        return new Credentials(properties.ipamTokenFile(), properties.ipamCa());
    }

    /// The one place for what secures the connection. HTTP/1.1: a poll that is held must not share its connection.
    @Bean(destroyMethod = "shutdownNow")
    HttpClient ipamHttpClient(Credentials credentials) {
        return HttpClient.newBuilder()
                .sslContext(credentials.tls())
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    @Bean
    NodeIpamClient ipamClient(
            HttpClient ipamHttpClient, Credentials credentials, AgentProperties agent, EdgeProperties properties) {
        return new HttpNodeIpamClient(
                ipamHttpClient,
                credentials,
                JsonMapper.builder().build(),
                properties.ipamUrl(),
                agent.nodeName(),
                properties.ipamTimeout());
    }

    @Bean
    NodeIdentity nodeIdentity(AgentProperties agent) {
        return new NodeIdentity(agent.nodeUid());
    }

    @Bean(destroyMethod = "") // EdgeLifecycle starts and stops it
    LedgerUplink ledgerUplink(
            NodeIpamClient ipam,
            Outbox outbox,
            NodeIdentity identity,
            PlanCache cache,
            ObjectProvider<RouteReconciler> routes,
            InstantSource clock,
            EdgeProperties properties) {
        // Routes follow the plan, the plan waits for the first session: the uplink asks them only later.
        var plans =
                new LedgerUplink.Plans(cache, () -> routes.getObject().state().map(HostRoutesState::revision));
        var timing = new LedgerUplink.Timing(backoff(properties), properties.ledgerReport(), clock);
        return new LedgerUplink(ipam, outbox, identity, plans, timing);
    }

    @Bean(destroyMethod = "") // EdgeLifecycle starts and stops it
    PlanFollower planFollower(
            NodeIpamClient ipam,
            PlanCache cache,
            NodeIdentity identity,
            LedgerUplink uplink,
            InstantSource clock,
            EdgeProperties properties) {
        var timing = new PlanFollower.Timing(properties.planHold(), backoff(properties), clock);
        return new PlanFollower(ipam, cache, identity, uplink, timing);
    }

    @Bean
    PlanHealthIndicator planHealthIndicator(PlanFollower plans) {
        return new PlanHealthIndicator(plans);
    }

    @Bean
    LedgerHealthIndicator ledgerHealthIndicator(LedgerUplink uplink) {
        return new LedgerHealthIndicator(uplink);
    }

    /// Its own, so that a reconciliation of many routes keeps no pod waiting.
    @Bean(destroyMethod = "close")
    NetworkStack edgeStack(Kernel kernel) {
        try (var own = kernel.ownNamespace()) {
            return kernel.open(own);
        }
    }

    @Bean
    KernelNics nodeNics(NetworkStack edgeStack, EdgeProperties properties) {
        return new KernelNics(
                edgeStack,
                new SysfsDevices(properties.sysfs()),
                new NicDiscovery(NicExclusions.of(properties.nicExclude())));
    }

    @Bean
    RouteReconciler routeReconciler(
            AgentProperties agent,
            NetworkStack edgeStack,
            PlanFollower plans,
            KernelNics nics,
            EdgeProperties properties) {
        var names = new RouteTableNames(properties.routeTableNames());
        return new RouteReconciler(agent.nodeName(), edgeStack, plans, nics, names);
    }

    @Bean
    HostInterfacePublisher hostInterfacePublisher(
            KubernetesClient kubernetes,
            AgentProperties agent,
            NodeIdentity identity,
            KernelNics nics,
            RouteReconciler routes,
            InstantSource clock) {
        return new HostInterfacePublisher(
                kubernetes,
                agent.nodeName(),
                identity,
                nics,
                () -> routes.state().map(state -> new HostInterfaceStatus(state.revision(), state.networks(), null)),
                clock);
    }

    @Bean
    EdgeMetrics edgeMetrics(MeterRegistry registry, PlanFollower plans, LedgerUplink uplink, InstantSource clock) {
        return new EdgeMetrics(registry, plans, uplink, clock);
    }

    @Bean
    EdgeLifecycle edgeLifecycle(
            Kernel kernel,
            NodeIdentity identity,
            PlanFollower plans,
            LedgerUplink uplink,
            KernelNics nics,
            RouteReconciler routes,
            HostInterfacePublisher hostInterface,
            EdgeMetrics metrics,
            EdgeProperties properties) {
        return new EdgeLifecycle(
                kernel,
                new EdgeLifecycle.Parts(identity, plans, uplink, nics, routes, hostInterface, metrics),
                new EdgeLifecycle.Paces(
                        new ReconcileLoop.Pace(properties.nicSettle(), properties.resync(), backoff(properties)),
                        new ReconcileLoop.Pace(ROUTE_SETTLE, properties.resync(), backoff(properties)),
                        new ReconcileLoop.Pace(HOST_INTERFACE_SETTLE, properties.resync(), backoff(properties))));
    }
}
