package io.multinic.ipam.config;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// General settings; the database is `spring.datasource.*`, the address `server.*`.
///
/// @param maxBody maximum size of a request body
/// @param nodeSilentAfter minimum time since the last contact with a node before its allocations are ended as those
///     of a node that is gone
@ConfigurationProperties("multi-nic.ipam")
public record IpamProperties(
        @DefaultValue("8MB") DataSize maxBody,
        @DefaultValue("2m") Duration nodeSilentAfter,
        @DefaultValue Embedded embedded) {
    /// Settings of the profile `embedded`.
    ///
    /// @param dataDirectory directory of the database
    /// @param binariesDirectory directory to unpack PostgreSQL's programs in, once for all services of one user
    /// @param port on 127.0.0.1; 0 for a free one
    public record Embedded(
            @DefaultValue("ipam-data") Path dataDirectory,
            Path binariesDirectory,
            @DefaultValue("0") int port) {}
}
