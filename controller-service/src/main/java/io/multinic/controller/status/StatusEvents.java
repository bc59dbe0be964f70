package io.multinic.controller.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Selects the changes of a status that are published as Events.
///
/// Waiting is not published, because every other state is reached through it. A condition is published again only after
/// it has changed.
public final class StatusEvents {
    private StatusEvents() {}

    /// An Event's type, reason and message.
    public record StatusEvent(Severity severity, String reason, String message) {}

    /// The names are the wire values.
    public enum Severity {
        Normal,
        Warning
    }

    public static List<StatusEvent> between(@Nullable MultiNicNetworkStatus before, MultiNicNetworkStatus after) {
        return Stream.of(Conditions.CONFIG_ACCEPTED, Conditions.ROUTES_READY, Conditions.READY)
                .flatMap(type -> change(before, after, type).stream())
                .distinct()
                .toList();
    }

    private static Optional<StatusEvent> change(
            @Nullable MultiNicNetworkStatus before, MultiNicNetworkStatus after, String type) {
        var now = Conditions.find(after.conditions(), type);
        var was = before == null ? Optional.<Condition>empty() : Conditions.find(before.conditions(), type);
        return now.filter(condition ->
                        was.filter(previous -> same(previous, condition)).isEmpty())
                .flatMap(StatusEvents::toEvent);
    }

    private static boolean same(Condition left, Condition right) {
        return Objects.equals(left.getStatus(), right.getStatus())
                && Objects.equals(left.getReason(), right.getReason())
                && Objects.equals(left.getMessage(), right.getMessage());
    }

    private static Optional<StatusEvent> toEvent(Condition condition) {
        return switch (condition.getReason()) {
            case "Accepted", "AllRoutesPresent" -> Optional.of(event(Severity.Normal, condition));
            case "InvalidSpec",
                    "RefusedByIpam",
                    "IpamUnavailable",
                    "RoutesFailed",
                    "AttachmentsBlocked",
                    "NicsWithoutBlock",
                    "AddressesInUse" -> Optional.of(event(Severity.Warning, condition));
            default -> Optional.empty();
        };
    }

    private static StatusEvent event(Severity severity, Condition condition) {
        return new StatusEvent(severity, condition.getReason(), condition.getMessage());
    }
}
