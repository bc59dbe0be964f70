package io.multinic.agent.config;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the agent's node, its files and its CNI calls.
///
/// @param nodeName name of the Node object that this agent runs on
/// @param stateDirectory directory of the files that must survive a restart; used by one agent at a time
/// @param socket Unix socket for the CNI binary
/// @param addressRest time before a freed address is assigned to another pod
/// @param pluginTimeout time after which an executed CNI plugin is killed
/// @param memory time for which deleted attachments and freed addresses are remembered; longer than an ADD can be late
/// @param shutdownGrace time that running CNI calls have to end when the agent is stopped
/// @param sysctls a `/proc/sys` that this process may write
@ConfigurationProperties("multi-nic.agent")
public record AgentProperties(
        String nodeName,
        @DefaultValue("/var/lib/multi-nic") Path stateDirectory,
        @DefaultValue("/run/multi-nic/cni.sock") Path socket,
        @DefaultValue("30s") Duration addressRest,
        @DefaultValue("60s") Duration pluginTimeout,
        @DefaultValue("7d") Duration memory,
        @DefaultValue("20s") Duration shutdownGrace,
        @DefaultValue("/proc/sys") Path sysctls) {
    public AgentProperties {
        if (nodeName == null || nodeName.isBlank()) {
            throw new IllegalArgumentException(
                    "multi-nic.agent.node-name is empty; set it, or NODE_NAME, to the name of this node");
        }
    }

    Path journal() {
        return stateDirectory.resolve("journal.db");
    }

    Path nodeUid() {
        return stateDirectory.resolve("node-uid");
    }
}
