package io.multinic.agent.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.reconcile.AttachmentReconciler;
import io.multinic.agent.attach.reconcile.ForwardingReconciler;
import io.multinic.agent.attach.reconcile.KubernetesPodEvents;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.linux.NftablesFilter;
import io.multinic.agent.metrics.AgentMetrics;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The reconciler of attachments and its reports.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, ReconcileProperties.class})
class AttachmentsConfiguration {
    @Bean(destroyMethod = "close")
    KubernetesPodEvents podEvents(KubernetesClient kubernetes, AgentProperties agent, InstantSource clock) {
        return new KubernetesPodEvents(kubernetes, agent.nodeName(), clock);
    }

    @Bean
    AttachmentReconciler attachmentReconciler(
            AttachmentService attachments,
            KubernetesPodEvents events,
            InstantSource clock,
            ReconcileProperties properties,
            AgentMetrics metrics) {
        var reconciler = new AttachmentReconciler(attachments, events, clock, properties.attachmentRecheck());
        metrics.watchAttachments(reconciler);
        return reconciler;
    }

    @Bean(destroyMethod = "close")
    ForwardingReconciler forwardingReconciler(Kernel kernel, NetworkStack hostStack) {
        return new ForwardingReconciler(hostStack, () -> {
            try (var own = kernel.ownNamespace()) {
                return NftablesFilter.open(own);
            }
        });
    }
}
