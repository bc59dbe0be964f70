package io.multinic.agent.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/// The metrics of the node agent. Tags are few and bounded: never an address, a pod or a container.
public final class AgentMetrics {
    private static final String CNI_CALL = "multi_nic_agent_cni_call";

    private final MeterRegistry registry;

    public AgentMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /// One CNI call: how long it took and how it ended, `ok` or the name of an error code.
    public void cniCall(String command, String outcome, Duration duration) {
        String known = command.matches("ADD|DEL|CHECK|GC|STATUS|VERSION") ? command : "other";
        Timer.builder(CNI_CALL)
                .description("CNI calls by command and outcome")
                .tag("command", known)
                .tag("outcome", outcome)
                .publishPercentiles(0.5, 0.95, 0.99)
                .register(registry)
                .record(duration);
    }
}
