package io.multinic.agent.garbage;

import io.multinic.agent.journal.AttachmentKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who was seen without a sandbox and without a pod, and since when: pure but for its memory.
///
/// One look is no proof. Convicted is who was found guilty in every look over at least the given time; a single
/// acquittal begins it anew. A clock that is set back only prolongs it.
final class SuspectTracker {
    private final Duration wait;
    private final Map<AttachmentKey, Instant> since = new HashMap<>();

    SuspectTracker(Duration wait) {
        this.wait = wait;
    }

    /// @param guilty everybody who is guilty in this look
    /// @return those who were so in all looks over the whole wait
    List<AttachmentKey> look(Set<AttachmentKey> guilty, Instant now) {
        since.keySet().retainAll(guilty);
        guilty.forEach(key -> since.merge(key, now, (first, again) -> first.isAfter(again) ? again : first));
        return guilty.stream()
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
