package io.multinic.ipam.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the metrics.
///
/// @param every period of the queries of figures; longer if a query takes long
/// @param perHost also exports usage by host: a series for each network, interface and host
@ConfigurationProperties("multi-nic.ipam.metrics")
record MetricsProperties(
        @DefaultValue("15s") Duration every,
        @DefaultValue("false") boolean perHost) {
    MetricsProperties {
        if (every.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "multi-nic.ipam.metrics.every is " + every + "; give 1s or more, such as 15s");
        }
    }
}
