package io.multinic.agent.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.garbage.GarbageCollector;
import io.multinic.agent.garbage.KubernetesPodLookup;
import io.multinic.agent.metrics.EdgeMetrics;
import io.multinic.agent.metrics.GarbageMetrics;
import io.multinic.agent.reconcile.Backoff;
import io.multinic.agent.reconcile.ReconcileLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Attachments whose DEL never comes.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({EdgeProperties.class, GarbageProperties.class})
class GarbageConfiguration {
    @Bean
    GarbageMetrics garbageMetrics(MeterRegistry registry, InstantSource clock) {
        return new GarbageMetrics(registry, clock);
    }

    @Bean
    LoopLifecycle garbageCollection(
            AttachmentService attachments,
            KubernetesClient kubernetes,
            InstantSource clock,
            EdgeMetrics edgeMetrics,
            GarbageMetrics metrics,
            EdgeProperties edge,
            GarbageProperties properties) {
        var collector = new GarbageCollector(
                attachments, new KubernetesPodLookup(kubernetes), clock, properties.garbageWait(), metrics::told);
        var retry = new Backoff(edge.retryFirst(), edge.retryLongest(), RandomGenerator.getDefault());
        var pace = new ReconcileLoop.Pace(Duration.ZERO, properties.garbageInterval(), retry);
        return new LoopLifecycle(new ReconcileLoop(
                "garbage",
                pace,
                () -> edgeMetrics.reconciled("garbage", () -> {
                    collector.run();
                    return true;
                })));
    }
}
