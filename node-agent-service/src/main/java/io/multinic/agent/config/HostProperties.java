package io.multinic.agent.config;

import io.multinic.agent.nic.NicExclusions;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the node's own network and devices.
///
/// @param nicExclude names of links that are not NICs, each a regular expression for the whole name; links that the
///     agent creates are excluded in any case
/// @param sysfs mount point of sysfs
/// @param routeTableNames file for the names of route tables, in a directory that iproute2 reads
/// @param devicePlugins the kubelet's directory of device plugins, with its checkpoint of assigned devices
@ConfigurationProperties("multi-nic.agent")
public record HostProperties(
        List<String> nicExclude,
        @DefaultValue("/sys") Path sysfs,

        @DefaultValue("/etc/iproute2/rt_tables.d/multi-nic.conf")
        Path routeTableNames,

        @DefaultValue("/var/lib/kubelet/device-plugins") Path devicePlugins) {
    public HostProperties {
        nicExclude = nicExclude == null ? NicExclusions.COMMON : List.copyOf(nicExclude);
    }
}
