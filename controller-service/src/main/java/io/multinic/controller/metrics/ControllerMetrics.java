package io.multinic.controller.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/// Meters of the controller. Names and tags are constants, never names of objects.
public final class ControllerMetrics {
    private static final String IPAM_REQUESTS = "multi_nic_controller_ipam_requests";
    private static final String RECONCILIATIONS = "multi_nic_controller_reconciliations";

    private final MeterRegistry registry;

    public ControllerMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    public void ipamRequest(String operation, String outcome, Duration duration) {
        Timer.builder(IPAM_REQUESTS)
                .description("Requests to ipam-service")
                .tag("operation", operation)
                .tag("outcome", outcome)
                .register(registry)
                .record(duration);
    }

    /// @param outcome result of the reconciliation, such as `accepted` or `refused`
    public void reconciled(String reconciler, String outcome, Duration duration) {
        Timer.builder(RECONCILIATIONS)
                .description("Reconciliations by what they found")
                .tag("reconciler", reconciler)
                .tag("outcome", outcome)
                .register(registry)
                .record(duration);
    }
}
