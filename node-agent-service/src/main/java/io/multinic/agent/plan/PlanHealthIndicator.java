package io.multinic.agent.plan;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Health of the plan. UP with a plan of any age, because only ipam-service changes a plan and pods can be served
/// with the last one.
public final class PlanHealthIndicator implements HealthIndicator {
    private final PlanFollower plans;

    public PlanHealthIndicator(PlanFollower plans) {
        this.plans = plans;
    }

    @Override
    public Health health() {
        PlanFollower.Status status = plans.status();
        var health = status.revision().isPresent() ? Health.up() : Health.outOfService();
        health.withDetail("revision", status.revision().map(Object::toString).orElse("none yet"));
        health.withDetail(
                "lastContact", status.lastContact().map(Object::toString).orElse("never"));
        status.lastError().ifPresent(error -> health.withDetail("lastError", error));
        return health.build();
    }
}
