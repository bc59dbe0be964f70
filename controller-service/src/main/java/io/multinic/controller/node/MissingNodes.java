package io.multinic.controller.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Nodes that ipam-service knows and the cluster does not have, by UID, with the time of the first check that missed
/// them.
///
/// A node is gone if it was missing in every check since, and the first of them is long enough ago: a single answer of
/// the API server never releases anything.
public record MissingNodes(Map<String, Instant> since) {
    public static final MissingNodes NONE = new MissingNodes(Map.of());

    public MissingNodes {
        since = Map.copyOf(since);
    }

    /// The missing nodes after another check. An empty cluster is taken for a wrong answer: then no node is missing.
    ///
    /// @param known UIDs of the nodes at ipam-service
    /// @param present UIDs of the Nodes in the cluster
    public MissingNodes check(Collection<String> known, Set<String> present, Instant now) {
        if (present.isEmpty()) {
            return NONE;
        }
        return new MissingNodes(known.stream()
                .filter(uid -> !present.contains(uid))
                .distinct()
                .collect(Collectors.toMap(Function.identity(), uid -> since.getOrDefault(uid, now))));
    }

    /// True if the node has been missing for at least this long, in at least one check before `now`.
    public boolean isGone(String uid, Instant now, Duration atLeast) {
        return Optional.ofNullable(since.get(uid))
                .filter(first -> first.isBefore(now) && !first.plus(atLeast).isAfter(now))
                .isPresent();
    }
}
