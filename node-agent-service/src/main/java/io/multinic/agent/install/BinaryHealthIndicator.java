package io.multinic.agent.install;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Health of the CNI binary: up if the binary of this agent is installed.
public final class BinaryHealthIndicator implements HealthIndicator {
    private final @Nullable BinaryInstaller installer;

    /// @param installer null if the agent does not install the binary
    public BinaryHealthIndicator(@Nullable BinaryInstaller installer) {
        this.installer = installer;
    }

    @Override
    public Health health() {
        if (installer == null) {
            return Health.up().withDetail("file", "not installed by the agent").build();
        }
        Optional<String> obstacle = installer.obstacle();
        var health = obstacle.isEmpty() ? Health.up() : Health.outOfService();
        obstacle.ifPresent(reason -> health.withDetail("reason", reason));
        return health.withDetail("file", installer.target().toString()).build();
    }
}
