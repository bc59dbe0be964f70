package io.multinic.controller.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Builds the conditions of a network's status by Kubernetes' API conventions.
final class Conditions {
    /// Pods can be attached and reach each other.
    static final String READY = "Ready";
    /// The specification is in force.
    static final String CONFIG_ACCEPTED = "ConfigAccepted";
    /// Every host has its routes, or needs none.
    static final String ROUTES_READY = "RoutesReady";

    private Conditions() {}

    static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream().filter(c -> type.equals(c.getType())).findFirst();
    }

    /// The condition after `finding`. The transition time changes only with the condition's status.
    static Condition next(List<Condition> before, Finding finding, long generation, Instant now) {
        var previous = find(before, finding.type());
        String since = previous.filter(c -> finding.status().equals(c.getStatus()) && c.getLastTransitionTime() != null)
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> timestamp(now));
        return new ConditionBuilder()
                .withType(finding.type())
                .withStatus(finding.status())
                .withReason(finding.reason())
                .withMessage(finding.message())
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build();
    }

    static String timestamp(Instant now) {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// Finding for one condition.
    ///
    /// @param status `True`, `False` or `Unknown`
    record Finding(String type, String status, String reason, String message) {
        static Finding yes(String type, String reason, String message) {
            return new Finding(type, "True", reason, message);
        }

        static Finding no(String type, String reason, String message) {
            return new Finding(type, "False", reason, message);
        }

        static Finding unknown(String type, String reason, String message) {
            return new Finding(type, "Unknown", reason, message);
        }

        boolean holds() {
            return Objects.equals(status, "True");
        }
    }
}
