package io.multinic.agent.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.cni.CniHandler;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.plan.PlanCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// From the journal to the CNI socket.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, InstallProperties.class})
class CniConfiguration {
    @Bean
    InstantSource clock() {
        return Clock.systemUTC();
    }

    @Bean
    Kernel kernel(AgentProperties properties) {
        var kernel = new LinuxKernel(properties.sysctls());
        kernel.warmUp();
        return kernel;
    }

    @Bean
    SqliteJournal journal(AgentProperties properties) {
        return SqliteJournal.open(properties.journal());
    }

    @Bean
    AllocationStore allocationStore(SqliteJournal journal) {
        return journal.allocations();
    }

    @Bean
    Outbox outbox(SqliteJournal journal) {
        return journal.outbox();
    }

    @Bean
    PlanCache planCache(SqliteJournal journal) {
        return journal.plans();
    }

    @Bean
    AgentMetrics agentMetrics(MeterRegistry registry) {
        return new AgentMetrics(registry);
    }

    @Bean
    AttachmentService attachmentService(
            AllocationStore store,
            CurrentPlan currentPlan,
            NodeNics nodeNics,
            Kernel kernel,
            InstantSource clock,
            AgentProperties properties,
            InstallProperties install) {
        var pluginPath = install.binDirectory().map(Path::toString).stream().toList();
        var settings = new AttachmentService.Settings(
                bootId(), properties.addressRest(), properties.pluginTimeout(), pluginPath);
        return new AttachmentService(store, currentPlan, nodeNics, kernel, clock, settings);
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

    @Bean
    JournalHousekeeping journalHousekeeping(AllocationStore store, InstantSource clock, AgentProperties properties) {
        return new JournalHousekeeping(store, clock, properties.memory());
    }
}
