package io.multinic.agent.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the connection to ipam-service.
///
/// @param ipamUrl URL of ipam-service
/// @param ipamTokenFile file with the bearer token, read again when it changes; empty: no token is sent
/// @param ipamCa PEM certificates that ipam-service is verified with, read again when they change; empty: those of the
///     JVM
/// @param ipamTimeout limit for an answer, in addition to the time that a poll is held
/// @param planHold the longest time that ipam-service may hold a poll while the plan does not change; at most 60 s
/// @param ledgerReport interval of reports to the ledger while there are no events to send
@ConfigurationProperties("multi-nic.agent")
public record IpamClientProperties(
        @DefaultValue("http://multi-nic-ipam:8080") URI ipamUrl,
        @Nullable Path ipamTokenFile,
        @Nullable Path ipamCa,
        @DefaultValue("10s") Duration ipamTimeout,
        @DefaultValue("30s") Duration planHold,
        @DefaultValue("30s") Duration ledgerReport) {
    public IpamClientProperties {
        if (ledgerReport.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "multi-nic.agent.ledger-report is " + ledgerReport + "; give 1s or more, such as 30s");
        }
    }
}
