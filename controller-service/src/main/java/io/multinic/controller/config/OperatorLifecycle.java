package io.multinic.controller.config;

import io.javaoperatorsdk.operator.Operator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/// Runs the reconcilers as long as the application runs. They start after the web server, so that probes are answered
/// while the caches fill, and stop before it.
final class OperatorLifecycle implements SmartLifecycle, HealthIndicator {
    private final Operator operator;
    private volatile boolean running;

    OperatorLifecycle(Operator operator) {
        this.operator = operator;
    }

    @Override
    public void start() {
        operator.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        operator.stop();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// Healthy when every cache follows the API server.
    @Override
    public Health health() {
        if (!running) {
            return Health.outOfService().withDetail("operator", "starting").build();
        }
        var info = operator.getRuntimeInfo();
        return info.allEventSourcesAreHealthy()
                ? Health.up().build()
                : Health.down()
                        .withDetail("unhealthy", info.unhealthyEventSources().toString())
                        .build();
    }
}
