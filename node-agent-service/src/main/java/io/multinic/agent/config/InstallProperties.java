package io.multinic.agent.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What the agent puts on its node when it runs as a pod.
///
/// @param cniBinary the CNI binary that belongs to this agent
/// @param cniBinDirectory where this process sees the node's directory of CNI plugins; empty if the agent neither
///     installs its binary nor executes plugins from there
/// @param daemonSet `namespace/name` of the DaemonSet that runs the agent; empty if the agent never removes anything
/// @param daemonSetRecheck a removal is believed when it was seen twice, so long apart
@ConfigurationProperties("multi-nic.agent")
public record InstallProperties(
        @DefaultValue("/app/multi-nic") Path cniBinary,
        @DefaultValue("") String cniBinDirectory,
        @DefaultValue("") String daemonSet,
        @DefaultValue("2s") Duration daemonSetRecheck) {
    Optional<Path> binDirectory() {
        return cniBinDirectory.isEmpty() ? Optional.empty() : Optional.of(Path.of(cniBinDirectory));
    }
}
