package io.multinic.ipam.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// When a database that may have lost commits gives out indexes again.
///
/// @param atLeast how long a quarantine lasts: nodes that the database does not know at all must be put
///     again, or speak, before it can wait for them
/// @param look how often the database is looked at
@ConfigurationProperties("multi-nic.ipam.quarantine")
public record QuarantineProperties(
        @DefaultValue("2m") Duration atLeast,
        @DefaultValue("5s") Duration look) {}
