package io.multinic.controller.config;

import io.javaoperatorsdk.operator.Operator;
import io.multinic.controller.kubernetes.NodeSweep;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/// Runs the reconcilers as long as the application runs, and beside them the look at all nodes. They start after the
/// web
/// server, so that probes are answered while the caches fill, and stop before it.
///
/// A replica that is not the leader has its caches filled and is healthy: it is ready to take over.
final class OperatorLifecycle implements SmartLifecycle, HealthIndicator {
    private final Operator operator;
    private final Leadership leadership;
    private final Thread sweeping;
    private volatile boolean running;

    OperatorLifecycle(Operator operator, Leadership leadership, NodeSweep sweep) {
        this.operator = operator;
        this.leadership = leadership;
        this.sweeping = Thread.ofVirtual().name("node-sweep").unstarted(() -> sweep(sweep));
    }

    @Override
    public void start() {
        operator.start();
        sweeping.start();
        running = true;
    }

    private void sweep(NodeSweep sweep) {
        try {
            leadership.await();
            while (true) {
                Thread.sleep(sweep.look());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // stopped
        }
    }

    @Override
    public void stop() {
        running = false;
        leadership.stop();
        sweeping.interrupt();
        operator.stop();
        leadership.release();
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
