package io.multinic.agent.ledger;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// How far the ledger is behind. Down only when a person must do something: this agent will never send again, or
/// ipam-service refuses what it sends. An outage is caught up by itself.
public final class LedgerHealthIndicator implements HealthIndicator {
    private final LedgerUplink uplink;

    public LedgerHealthIndicator(LedgerUplink uplink) {
        this.uplink = uplink;
    }

    @Override
    public Health health() {
        LedgerUplink.Status status = uplink.status();
        var health = switch (status.state()) {
            case CONNECTING, CONNECTED -> Health.up();
            case REFUSED, SUPERSEDED -> Health.down();
        };
        health.withDetail("state", status.state());
        health.withDetail("pendingEvents", status.pending());
        status.oldest().ifPresent(oldest -> health.withDetail("oldestPending", oldest));
        status.lastError().ifPresent(error -> health.withDetail("lastError", error));
        return health.build();
    }
}
