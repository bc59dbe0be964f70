package io.multinic.ipam.config;

import io.multinic.ipam.postgres.EmbeddedPostgres;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/// Embedded PostgreSQL of the profile `embedded`.
@Configuration(proxyBeanMethods = false)
@Profile("embedded")
class EmbeddedConfiguration {
    @Bean
    EmbeddedPostgres embeddedPostgres(IpamProperties properties) {
        var embedded = properties.embedded();
        return EmbeddedPostgres.start(embedded.dataDirectory(), embedded.binariesDirectory(), embedded.port());
    }

    @Bean
    JdbcConnectionDetails embeddedConnection(EmbeddedPostgres postgres) {
        return new JdbcConnectionDetails() {
            @Override
            public String getJdbcUrl() {
                return postgres.jdbcUrl();
            }

            @Override
            public String getUsername() {
                return postgres.user();
            }

            @Override
            public String getPassword() {
                return postgres.password();
            }
        };
    }
}
