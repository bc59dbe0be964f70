package io.multinic.agent.ledger;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Health of the delivery to the ledger. DOWN only if a person must act: the session was superseded, or ipam-service
/// rejects a request as invalid. After an outage the delivery catches up without help.
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
