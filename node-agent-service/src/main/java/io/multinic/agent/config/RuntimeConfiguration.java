package io.multinic.agent.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.agent.metrics.AgentMetrics;
import java.time.Clock;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Beans that all parts share: clock and metrics.
@Configuration(proxyBeanMethods = false)
class RuntimeConfiguration {
    @Bean
    InstantSource clock() {
        return Clock.systemUTC();
    }

    @Bean
    AgentMetrics agentMetrics(MeterRegistry registry) {
        return new AgentMetrics(registry);
    }
}
