package io.multinic.controller.lifecycle;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.multinic.controller.kubernetes.ApiServerErrors;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/// Runs the reconcilers and the periodic checks while the application runs. They start after the web server and on a
/// thread of their own, so that probes are answered while the API server is not reachable and while the caches fill;
/// they stop before the web server.
///
/// A replica that is not the leader fills its caches and is healthy: it is ready to take over.
public final class OperatorLifecycle implements SmartLifecycle, HealthIndicator {
    private static final Logger log = LoggerFactory.getLogger(OperatorLifecycle.class);
    private static final Duration API_SERVER_RETRY = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final Operator operator;
    private final Leadership leadership;
    private final PeriodicChecks checks;
    private final Runnable end;
    private final Thread thread = Thread.ofVirtual().name("operator").unstarted(this::run);
    private volatile boolean started;
    private volatile boolean running;

    /// @param end ends the process if the reconcilers cannot be started, or if the thread of the checks ends
    public OperatorLifecycle(
            KubernetesClient client, Operator operator, Leadership leadership, PeriodicChecks checks, Runnable end) {
        this.client = client;
        this.operator = operator;
        this.leadership = leadership;
        this.checks = checks;
        this.end = end;
    }

    @Override
    public void start() {
        running = true;
        thread.start();
    }

    private void run() {
        try {
            awaitApiServer();
            operator.start();
            started = true;
            leadership.await();
            while (running) {
                Thread.sleep(checks.run());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // stopped
        } catch (Throwable e) {
            if (running) {
                log.error("reconcilers not started or checks ended, process ends", e);
                end.run();
            }
        }
    }

    /// Waits for the API server. The operator would fail without it, and the kubelet would restart this process with
    /// growing delays.
    private void awaitApiServer() throws InterruptedException {
        for (boolean logged = false; ; logged = true) {
            try {
                client.raw("/version");
                return;
            } catch (KubernetesClientException e) {
                if (!logged) {
                    log.atWarn()
                            .addKeyValue("apiServer", client.getMasterUrl())
                            .addKeyValue("reason", ApiServerErrors.reason(e))
                            .log("API server not reachable, waiting");
                }
                Thread.sleep(API_SERVER_RETRY);
            }
        }
    }

    @Override
    public void stop() {
        running = false;
        leadership.stop();
        thread.interrupt();
        operator.stop();
        leadership.release();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// Up if the informers of all caches are healthy.
    @Override
    public Health health() {
        if (!running || !started) {
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
