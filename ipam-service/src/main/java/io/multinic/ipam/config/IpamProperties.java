package io.multinic.ipam.config;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// Settings of the service's own; the database is `spring.datasource.*`, the address `server.*`.
///
/// @param maxBody larger bodies are refused
/// @param nodeSilentAfter for how long nothing may have been heard of a node that is said to be gone before what its
///     pods held ends
@ConfigurationProperties("multi-nic.ipam")
public record IpamProperties(
        @DefaultValue("8MB") DataSize maxBody,
        @DefaultValue("2m") Duration nodeSilentAfter,
        @DefaultValue Embedded embedded) {
    /// For the profile `embedded` only.
    ///
    /// @param dataDirectory where the database lasts
    /// @param binariesDirectory below it PostgreSQL's programs are unpacked, once for all services of one user
    /// @param port on 127.0.0.1; 0 for a free one
    public record Embedded(
            @DefaultValue("ipam-data") Path dataDirectory,
            Path binariesDirectory,
            @DefaultValue("0") int port) {}
}
