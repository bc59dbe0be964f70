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
/// @param ipamUrl address of ipam-service
/// @param ipamTokenFile bearer token, read again when the file changes; empty: none is sent
/// @param ipamCa PEM certificates of the CA of ipam-service, read again when the file changes; empty: those of the JVM
/// @param ipamConnectTimeout longest time for a connection to ipam-service
/// @param ipamAnswerTimeout longest time for a whole answer of ipam-service
/// @param retryFirst longest wait after the first failure; doubles up to `retryLongest`, and half of it is random
/// @param waiting time until a network is reconciled without an event while hosts have not finished
/// @param resyncNetworks time until a network is reconciled without an event when nothing is left to do
/// @param resyncNodes the same for HostInterfaces, and the period in which the nodes of ipam-service are compared with
///     those of the cluster
/// @param lookForQuarantine period in which the quarantine of ipam-service is polled; a fraction of its
///     `multi-nic.ipam.quarantine.at-least`, the time in which nodes and networks must be put again
/// @param nodeGoneAfter time for which a node of ipam-service must be missing in the cluster before it is retired
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

    /// Leader election: one replica reconciles; the others keep their caches filled.
    ///
    /// @param leaseNamespace empty: the controller's own namespace
    public record LeaderElection(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("multi-nic-controller") String leaseName,
            @DefaultValue("") String leaseNamespace) {}
}
