package io.multinic.agent.config;

import io.multinic.agent.attach.AttachmentQueues;
import io.multinic.agent.attach.AttachmentRecovery;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.PlanningSources;
import io.multinic.agent.attach.SelectionSources;
import io.multinic.agent.cni.CniHandler;
import io.multinic.agent.gpu.PodGpus;
import io.multinic.agent.gpu.SysfsGpus;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.DeviceClassInformer;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.nic.ReturnedNics;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.agent.select.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
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
            SelectionSources selection,
            ReturnedNics returnedNics,
            Kernel kernel,
            InstantSource clock,
            AttachmentService.Settings settings) {
        return new AttachmentService(
                store, new PlanningSources(currentPlan, nodeNics, selection), returnedNics, kernel, clock, settings);
    }

    @Bean
    SelectionSources selectionSources(DeviceClassInformer deviceClasses, HostProperties host) {
        var gpus = new PodGpus(host.devicePlugins(), new SysfsGpus(host.sysfs(), Path.of("/proc")));
        return new SelectionSources() {
            @Override
            public DeviceClasses deviceClasses() {
                return deviceClasses.get();
            }

            @Override
            public Topology topology(String podUid, List<NodeNic> nics) {
                return gpus.topology(podUid, nics);
            }
        };
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
    AttachmentQueues attachmentQueues() {
        return new AttachmentQueues();
    }

    @Bean
    CniServer cniServer(
            AgentProperties properties, CniHandler handler, AttachmentService attachments, AttachmentQueues queues) {
        return new CniServer(properties, handler, new AttachmentRecovery(attachments, queues));
    }
}
