package io.multinic.agent.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.agent.attach.AttachmentQueues;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.garbage.GarbageCollector;
import io.multinic.agent.garbage.GarbageCollector.Observation;
import io.multinic.agent.garbage.KubernetesPodLookup;
import io.multinic.agent.garbage.NamespaceAddresses;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.metrics.AgentMetrics;
import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Collection of attachments whose DEL never comes.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GarbageProperties.class)
class GarbageConfiguration {
    private static final Path NAMED = Path.of("/run/netns");
    private static final Path PROCESSES = Path.of("/proc");

    @Bean
    GarbageCollector garbageCollector(
            AttachmentService attachments,
            AttachmentQueues queues,
            KubernetesClient kubernetes,
            Kernel kernel,
            InstantSource clock,
            AgentMetrics metrics,
            GarbageProperties properties) {
        metrics.watchGarbage(clock);
        return new GarbageCollector(
                attachments,
                queues,
                new Observation(new KubernetesPodLookup(kubernetes), new NamespaceAddresses(kernel, NAMED, PROCESSES)),
                clock,
                properties.garbageWait(),
                metrics::garbage);
    }
}
