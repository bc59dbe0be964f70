package io.multinic.agent.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.agent.garbage.GarbageCollector;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/// What the node's garbage collection finds. A suspect that stays is a leak.
public final class GarbageMetrics {
    private static final String SUSPECTS = "multi_nic_agent_garbage_suspects";
    private static final String OLDEST = "multi_nic_agent_garbage_oldest_suspect";
    private static final String RECLAIMED = "multi_nic_agent_garbage_reclaimed";

    private volatile GarbageCollector.Status last = new GarbageCollector.Status(0, Optional.empty(), 0);

    public GarbageMetrics(MeterRegistry registry, InstantSource clock) {
        Gauge.builder(SUSPECTS, this, metrics -> metrics.last.suspects())
                .description("attachments without sandbox and pod that no DEL has come for yet")
                .register(registry);
        Gauge.builder(OLDEST, this, metrics -> metrics.age(clock))
                .description("how long the oldest suspect is one")
                .baseUnit("seconds")
                .register(registry);
        FunctionCounter.builder(RECLAIMED, this, metrics -> metrics.last.reclaimed())
                .description("attachments that were detached without a DEL")
                .register(registry);
    }

    private double age(InstantSource clock) {
        return last.oldest()
                .map(oldest ->
                        Math.max(0, Duration.between(oldest, clock.instant()).toMillis() / 1000.0))
                .orElse(0.0);
    }

    public void told(GarbageCollector.Status status) {
        last = status;
    }
}
