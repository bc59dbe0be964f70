package io.multinic.agent.config;

import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.cni.CniHandler;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.DeviceClassInformer;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.plan.CurrentPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Attachments and the CNI calls that create and delete them.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, InstallProperties.class})
class CniConfiguration {
    @Bean
    AttachmentService attachmentService(
            AllocationStore store,
            CurrentPlan currentPlan,
            NodeNics nodeNics,
            DeviceClassInformer deviceClasses,
            Kernel kernel,
            InstantSource clock,
            AttachmentService.Settings settings) {
        return new AttachmentService(store, currentPlan, nodeNics, deviceClasses, kernel, clock, settings);
    }

    @Bean
    AttachmentService.Settings attachmentSettings(AgentProperties properties, InstallProperties install) {
        var pluginPath = install.binDirectory().map(Path::toString).stream().toList();
        return new AttachmentService.Settings(
                bootId(), properties.addressRest(), properties.pluginTimeout(), pluginPath);
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("this boot has no id", e);
        }
    }

    @Bean
    CniHandler cniHandler(AttachmentService attachments, AgentMetrics metrics) {
        return new CniHandler(attachments, metrics);
    }

    @Bean
    CniServer cniServer(AgentProperties properties, CniHandler handler, AttachmentService attachments) {
        return new CniServer(properties, handler, attachments);
    }
}
