package io.multinic.controller.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the controller. The API server is found as kubectl finds it (KUBECONFIG, service account), or by
/// `KUBERNETES_MASTER`.
///
/// @param ipamUrl ipam-service
/// @param ipamTokenFile the token that says who we are, read again when it changes; empty: none is sent
/// @param ipamCa PEM certificates that vouch for ipam-service, read again when they change; empty: those of the JVM
/// @param ipamConnectTimeout how long to wait for a connection to it
/// @param ipamAnswerTimeout how long to wait for its answer
/// @param retryFirst the first wait after a failure; doubles up to `retryLongest`
/// @param waiting how often a network is looked at while hosts have not finished, beyond their own reports
/// @param resyncNetworks how often networks are looked at without an event
/// @param resyncNodes how often HostInterfaces are, and how often all nodes that ipam-service knows are held against
///     those of the cluster
/// @param lookForQuarantine how often ipam-service is asked whether its database may have lost commits; a fraction
///     of its `multi-nic.ipam.quarantine.at-least`, the time in which nodes and networks are put again
/// @param nodeGoneAfter how long a node that ipam-service knows must be missed in the cluster before it is retired
@ConfigurationProperties("multi-nic.controller")
public record ControllerProperties(
        @DefaultValue("http://multi-nic-ipam:8080") URI ipamUrl,
        @Nullable Path ipamTokenFile,
        @Nullable Path ipamCa,
        @DefaultValue("2s") Duration ipamConnectTimeout,
        @DefaultValue("15s") Duration ipamAnswerTimeout,
        @DefaultValue("1s") Duration retryFirst,
        @DefaultValue("30s") Duration retryLongest,
        @DefaultValue("5s") Duration waiting,
        @DefaultValue("1m") Duration resyncNetworks,
        @DefaultValue("10m") Duration resyncNodes,
        @DefaultValue("15s") Duration lookForQuarantine,
        @DefaultValue("1m") Duration nodeGoneAfter,
        @DefaultValue LeaderElection leaderElection) {

    /// Of several replicas one works; the others have their caches warm.
    ///
    /// @param leaseNamespace empty: the controller's own namespace
    public record LeaderElection(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("multi-nic-controller") String leaseName,
            @DefaultValue("") String leaseNamespace) {}
}
