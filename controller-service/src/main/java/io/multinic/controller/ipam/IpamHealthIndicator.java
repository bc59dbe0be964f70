package io.multinic.controller.ipam;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Out of service while ipam-service refuses our token: that does not mend itself, a person must know. An ipam-service
/// that is away is waited for, and is no fault of this controller.
public final class IpamHealthIndicator implements HealthIndicator {
    private final HttpIpamClient ipam;

    public IpamHealthIndicator(HttpIpamClient ipam) {
        this.ipam = ipam;
    }

    @Override
    public Health health() {
        return ipam.refused()
                .map(reason -> Health.outOfService().withDetail("tokenRefused", reason))
                .orElseGet(Health::up)
                .build();
    }
}
