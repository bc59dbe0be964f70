package io.multinic.agent.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the files that the agent installs on its node when it runs as a pod.
///
/// @param cniBinary the CNI binary that belongs to this agent
/// @param cniBinDirectory the node's directory of CNI plugins as this process sees it; empty: the agent neither
///     installs its binary nor executes plugins from there
/// @param daemonSet `namespace/name` of the DaemonSet that runs the agent; empty: the agent never
///     removes anything
/// @param daemonSetRecheck time between the two checks that confirm a removal
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
