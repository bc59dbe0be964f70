package io.multinic.agent.plan;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// How far the ledger is behind. Down only when this agent will never send again; an outage is caught up by
/// itself.
public final class LedgerHealthIndicator implements HealthIndicator {
    private final LedgerUplink uplink;

    public LedgerHealthIndicator(LedgerUplink uplink) {
        this.uplink = uplink;
    }

    @Override
    public Health health() {
        LedgerUplink.Status status = uplink.status();
        var health = status.state() == LedgerUplink.State.SUPERSEDED ? Health.down() : Health.up();
        health.withDetail("state", status.state());
        health.withDetail("pendingEvents", status.pending());
        status.oldest().ifPresent(oldest -> health.withDetail("oldestPending", oldest));
        status.lastError().ifPresent(error -> health.withDetail("lastError", error));
        return health.build();
    }
}
