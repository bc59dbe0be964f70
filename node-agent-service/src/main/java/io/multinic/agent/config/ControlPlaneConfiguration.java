package io.multinic.agent.config;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.multinic.agent.attach.reconcile.AttachmentReconciler;
import io.multinic.agent.attach.reconcile.AttachmentsState;
import io.multinic.agent.attach.reconcile.ForwardingReconciler;
import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.HttpNodeIpamClient;
import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.ledger.LedgerHealthIndicator;
import io.multinic.agent.ledger.LedgerUplink;
import io.multinic.agent.ledger.NodeSession;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.DeviceClassInformer;
import io.multinic.agent.nic.HostInterfacePublisher;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.plan.PlanCache;
import io.multinic.agent.plan.PlanFollower;
import io.multinic.agent.plan.PlanHealthIndicator;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.contract.crd.HostInterfaceStatus;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import io.multinic.contract.trust.Credentials;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The API server and ipam-service, and the parts of the agent that exchange state with them.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, IpamClientProperties.class, ReconcileProperties.class})
class ControlPlaneConfiguration {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration API_SERVER_TIMEOUT = Duration.ofSeconds(10);

    /// The API server uses the client's name as the manager of the fields that it writes.
    private static final String FIELD_MANAGER = "multi-nic-node-agent";

    /// Its calls fail soon, because each is made by a loop that retries.
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
    NodeIdentity nodeIdentity(AgentProperties agent) {
        return new NodeIdentity(agent.nodeUid());
    }

    @Bean(destroyMethod = "close")
    HttpNodeIpamClient nodeIpamClient(AgentProperties agent, IpamClientProperties properties) {
        return new HttpNodeIpamClient(
                properties.ipamUrl(),
                new Credentials(properties.ipamTokenFile(), properties.ipamCa()),
                agent.nodeName(),
                CONNECT_TIMEOUT,
                properties.ipamTimeout());
    }

    @Bean
    NodeSession nodeSession(NodeIpamClient ipam, Outbox outbox, PlanCache plans, InstantSource clock) {
        return new NodeSession(ipam, outbox, plans, clock);
    }

    @Bean(destroyMethod = "") // AgentLifecycle starts and stops it
    PlanFollower planFollower(
            NodeIpamClient ipam,
            PlanCache cache,
            NodeIdentity identity,
            NodeSession session,
            PlanFollower.Timing timing) {
        return new PlanFollower(ipam, cache, identity, session, timing);
    }

    @Bean
    PlanFollower.Timing planTiming(
            IpamClientProperties properties, ReconcileProperties reconcile, InstantSource clock) {
        return new PlanFollower.Timing(properties.planHold(), reconcile.backoff(), clock);
    }

    @Bean(destroyMethod = "") // AgentLifecycle starts and stops it
    LedgerUplink ledgerUplink(
            NodeIpamClient ipam,
            Outbox outbox,
            NodeIdentity identity,
            NodeSession session,
            LedgerUplink.Timing timing) {
        return new LedgerUplink(ipam, outbox, identity, session, timing);
    }

    @Bean
    LedgerUplink.Timing ledgerTiming(
            IpamClientProperties properties, ReconcileProperties reconcile, InstantSource clock) {
        return new LedgerUplink.Timing(reconcile.backoff(), properties.ledgerReport(), clock);
    }

    @Bean
    PlanHealthIndicator planHealthIndicator(PlanFollower plans, AgentMetrics metrics) {
        metrics.watchPlan(plans);
        return new PlanHealthIndicator(plans);
    }

    @Bean
    LedgerHealthIndicator ledgerHealthIndicator(LedgerUplink uplink, AgentMetrics metrics, InstantSource clock) {
        metrics.watchLedger(uplink, clock);
        return new LedgerHealthIndicator(uplink);
    }

    @Bean
    HostInterfacePublisher hostInterfacePublisher(
            KubernetesClient kubernetes,
            AgentProperties agent,
            NodeIdentity identity,
            KernelNics nics,
            RouteReconciler routes,
            AttachmentReconciler attachments,
            ForwardingReconciler forwarding,
            InstantSource clock) {
        return new HostInterfacePublisher(
                kubernetes,
                agent.nodeName(),
                identity,
                nics,
                () -> routes.state().map(state -> status(state, attachments.state(), forwarding.problem())),
                clock);
    }

    @Bean(destroyMethod = "") // AgentLifecycle starts and stops it
    DeviceClassInformer deviceClassInformer(KubernetesClient kubernetes) {
        return new DeviceClassInformer(kubernetes);
    }

    private static HostInterfaceStatus status(HostRoutesState state, AttachmentsState attachments, String forwarding) {
        var networks = state.networks().stream()
                .map(network -> new NetworkObservation(
                        network.network(),
                        network.blocks(),
                        network.routesWanted(),
                        network.routesPresent(),
                        network.message()))
                .toList();
        var conditions = List.of(
                condition("AttachmentsIntact", "AsAttached", "AttachmentsBroken", attachments.message()),
                condition("ForwardingPermitted", "NotDropped", "DroppedByPacketFilter", forwarding));
        return new HostInterfaceStatus(state.revision(), networks, null, conditions);
    }

    /// @param problem empty if the condition is true
    private static Condition condition(String type, String reasonIfTrue, String reasonIfFalse, String problem) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(problem.isEmpty() ? "True" : "False")
                .withReason(problem.isEmpty() ? reasonIfTrue : reasonIfFalse)
                .withMessage(problem)
                .build();
    }
}
