package io.multinic.controller.ipam;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Reports "out of service" while ipam-service refuses the controller's token, because a person has to repair that. An
/// ipam-service that does not answer does not affect the health of the controller, which waits for it.
public final class IpamHealthIndicator implements HealthIndicator {
    private final HttpIpamClient ipam;

    public IpamHealthIndicator(HttpIpamClient ipam) {
        this.ipam = ipam;
    }

    @Override
    public Health health() {
        return ipam.tokenRefusal()
                .map(reason -> Health.outOfService().withDetail("tokenRefused", reason))
                .orElseGet(Health::up)
                .build();
    }
}
