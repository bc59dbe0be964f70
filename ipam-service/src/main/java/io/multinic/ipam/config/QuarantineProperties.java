package io.multinic.ipam.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the quarantine.
///
/// @param atLeast minimum duration: nodes that the database does not know must be put again, or report, before it can
///     wait for them
/// @param look period of the checks
@ConfigurationProperties("multi-nic.ipam.quarantine")
public record QuarantineProperties(
        @DefaultValue("2m") Duration atLeast,
        @DefaultValue("5s") Duration look) {}
