package io.multinic.agent.config;

import io.multinic.agent.nic.NicExclusions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What the agent must be told of the world around its node. The API server is found as kubectl finds it
/// (KUBECONFIG, service account), or by `KUBERNETES_MASTER`.
///
/// @param ipamUrl ipam-service
/// @param ipamTokenFile the token that says who we are, read again when it changes; empty: none is sent
/// @param ipamCa PEM certificates that vouch for ipam-service, read again when they change; empty: those of the JVM
/// @param ipamTimeout how long to wait for its answer, on top of what a poll is held
/// @param planHold how long ipam-service may hold a poll while there is no news; at most 60 s
/// @param ledgerReport how often the ledger hears that this agent is there and has told it everything
/// @param retryFirst the first wait after a failure; doubles up to `retryLongest`
/// @param resync how often NICs, routes and HostInterface are looked at without an event
/// @param nicSettle how long events about NICs may gather before NICs are looked at
/// @param nicExclude names of links that are never NICs, each a regular expression for the whole name; ours are
///     left out in any case
/// @param sysfs where sysfs is mounted
/// @param routeTableNames file in a folder where iproute2 looks for names of route tables
@ConfigurationProperties("multi-nic.agent")
public record EdgeProperties(
        @DefaultValue("http://multi-nic-ipam:8080") URI ipamUrl,
        @Nullable Path ipamTokenFile,
        @Nullable Path ipamCa,
        @DefaultValue("10s") Duration ipamTimeout,
        @DefaultValue("30s") Duration planHold,
        @DefaultValue("30s") Duration ledgerReport,
        @DefaultValue("1s") Duration retryFirst,
        @DefaultValue("10s") Duration retryLongest,
        @DefaultValue("5m") Duration resync,
        @DefaultValue("200ms") Duration nicSettle,
        List<String> nicExclude,
        @DefaultValue("/sys") Path sysfs,

        @DefaultValue("/etc/iproute2/rt_tables.d/multi-nic.conf")
        Path routeTableNames) {
    public EdgeProperties {
        if (ledgerReport.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "multi-nic.agent.ledger-report is " + ledgerReport + "; give 1s or more, such as 30s");
        }
        nicExclude = nicExclude == null ? NicExclusions.COMMON : List.copyOf(nicExclude);
    }
}
