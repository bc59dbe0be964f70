package io.multinic.controller.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.multinic.controller.kubernetes.ApiServerErrors;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/// Runs the reconcilers as long as the application runs, and beside them the rounds to ipam-service. They start
/// after the web server and behind it, so that probes are answered while an API server is waited for and the
/// caches fill; they stop before it.
///
/// A replica that is not the leader has its caches filled and is healthy: it is ready to take over.
final class OperatorLifecycle implements SmartLifecycle, HealthIndicator {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorLifecycle.class);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final Operator operator;
    private final Leadership leadership;
    private final IpamRounds rounds;
    private final Runnable end;
    private final Thread thread = Thread.ofVirtual().name("operator").unstarted(this::run);
    private volatile boolean started;
    private volatile boolean running;

    /// @param end ends the process, when the reconcilers cannot be started
    OperatorLifecycle(
            KubernetesClient client, Operator operator, Leadership leadership, IpamRounds rounds, Runnable end) {
        this.client = client;
        this.operator = operator;
        this.leadership = leadership;
        this.rounds = rounds;
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
                Thread.sleep(rounds.next());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // stopped
        } catch (OperatorException e) {
            if (running) {
                LOG.error("the reconcilers cannot be started", e);
                end.run();
            }
        }
    }

    /// An operator that does not find it gives up. Out of that would come a restart, and a longer wait after each.
    private void awaitApiServer() throws InterruptedException {
        for (boolean said = false; ; said = true) {
            try {
                client.raw("/version");
                return;
            } catch (KubernetesClientException e) {
                if (!said) {
                    LOG.atWarn()
                            .addKeyValue("apiServer", client.getMasterUrl())
                            .addKeyValue("reason", ApiServerErrors.reason(e))
                            .log("no API server yet, waiting for it");
                }
                Thread.sleep(ASK_AGAIN);
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

    /// Healthy when every cache follows the API server.
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
