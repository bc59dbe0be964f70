package io.multinic.ipam.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.usage.MetricsQueries;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Meters, and the periodic query of their figures.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MetricsProperties.class)
class MetricsConfiguration {
    @Bean
    IpamMetrics ipamMetrics(MeterRegistry registry, InstantSource clock) {
        return new IpamMetrics(registry, clock);
    }

    /// Queries the figures periodically and not at a scrape, so that scrapes cost the database nothing.
    @Bean
    PeriodicTask figuresWork(
            Transactions transactions,
            MetricsQueries figures,
            IpamMetrics metrics,
            InstantSource clock,
            MetricsProperties properties,
            AuditProperties audit) {
        return new PeriodicTask(
                "figures",
                properties.every(),
                () -> metrics.show(transactions.read(
                        () -> figures.figures(clock.instant(), properties.perHost(), audit.lagLimit()))));
    }
}
