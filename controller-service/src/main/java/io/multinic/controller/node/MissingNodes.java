package io.multinic.controller.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The nodes that ipam-service knows and the cluster does not, by UID, with the moment from which on they were missed.
///
/// A node is gone when it was missed in every look, and the first of them is long enough ago: one answer of an API
/// server, whatever it was asked, frees nothing.
public record MissedNodes(Map<String, Instant> since) {
    public static final MissedNodes NONE = new MissedNodes(Map.of());

    public MissedNodes {
        since = Map.copyOf(since);
    }

    /// What is missed after another look at the UIDs that are `known` and those that are `present`. A cluster without
    /// any node is none that could be asked: then nothing counts as missed.
    public MissedNodes look(Collection<String> known, Set<String> present, Instant now) {
        if (present.isEmpty()) {
            return NONE;
        }
        return new MissedNodes(known.stream()
                .filter(uid -> !present.contains(uid))
                .distinct()
                .collect(Collectors.toMap(Function.identity(), uid -> since.getOrDefault(uid, now))));
    }

    /// Whether the node was missed before `now` for at least this long.
    public boolean isGone(String uid, Instant now, Duration atLeast) {
        return Optional.ofNullable(since.get(uid))
                .filter(first -> first.isBefore(now) && !first.plus(atLeast).isAfter(now))
                .isPresent();
    }
}
