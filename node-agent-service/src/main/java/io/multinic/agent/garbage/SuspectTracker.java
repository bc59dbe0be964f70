package io.multinic.agent.garbage;

import io.multinic.agent.journal.AttachmentKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Tracks how long attachments have been found orphaned.
///
/// An attachment may be collected after it was found orphaned in every check for the minimum time; one check that does
/// not find it resets its time. A clock that is set back only prolongs the time.
final class SuspectTracker {
    private final Duration wait;
    private final Map<AttachmentKey, Instant> since = new HashMap<>();

    SuspectTracker(Duration wait) {
        this.wait = wait;
    }

    /// @param orphans all attachments that this check found orphaned
    /// @return those of them that may be collected
    List<AttachmentKey> update(Set<AttachmentKey> orphans, Instant now) {
        since.keySet().retainAll(orphans);
        orphans.forEach(key -> since.merge(key, now, (first, again) -> first.isAfter(again) ? again : first));
        return orphans.stream()
                .filter(key ->
                        !Duration.between(since.get(key), now).minus(wait).isNegative())
                .toList();
    }

    int count() {
        return since.size();
    }

    Optional<Instant> oldest() {
        return since.values().stream().min(Instant::compareTo);
    }
}
