package io.multinic.agent.config;

import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.ReturnedNics;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.RouteTableNames;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The node's own network namespace: kernel, NICs and host routes.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AgentProperties.class, HostProperties.class})
class HostNetworkConfiguration {
    @Bean
    Kernel kernel(AgentProperties properties, AgentMetrics metrics) {
        var kernel = new LinuxKernel(properties.sysctls());
        metrics.watchKernel(kernel.skipped());
        kernel.warmUp();
        return kernel;
    }

    /// A stack that pods do not share, so that programming many routes delays no pod.
    @Bean(destroyMethod = "close")
    NetworkStack hostStack(Kernel kernel) {
        try (var own = kernel.ownNamespace()) {
            return kernel.open(own);
        }
    }

    @Bean
    KernelNics nodeNics(NetworkStack hostStack, HostProperties properties) {
        return new KernelNics(
                hostStack,
                new SysfsDevices(properties.sysfs()),
                new NicDiscovery(NicExclusions.of(properties.nicExclude())));
    }

    @Bean
    ReturnedNics returnedNics(NetworkStack hostStack, SqliteJournal journal) {
        return new ReturnedNics(hostStack, journal.movedNics());
    }

    @Bean
    RouteReconciler routeReconciler(
            AgentProperties agent,
            NetworkStack hostStack,
            CurrentPlan plans,
            KernelNics nics,
            HostProperties properties) {
        var names = new RouteTableNames(properties.routeTableNames());
        return new RouteReconciler(agent.nodeName(), hostStack, plans, nics, names);
    }
}
