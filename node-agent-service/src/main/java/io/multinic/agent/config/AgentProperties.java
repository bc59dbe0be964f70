package io.multinic.agent.config;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What every part of the agent must be told.
///
/// @param nodeName name of the Node object that this agent runs on
/// @param stateDirectory what must outlive the agent; one agent at a time
/// @param socket where the CNI binary finds the agent
/// @param addressRest how long a freed address is given to nobody else
/// @param pluginTimeout after which an executed CNI plugin is killed
/// @param memory how long deleted attachments and freed addresses are remembered; a late ADD comes well within it
/// @param shutdownGrace how long CNI calls that are under way may take to end when the agent is stopped
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
