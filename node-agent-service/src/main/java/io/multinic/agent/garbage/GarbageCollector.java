package io.multinic.agent.garbage;

import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Detaches attachments whose DEL never comes: of pods that were deleted while the node was down, or whose DEL was
/// lost.
///
/// An attachment is detached if two independent conditions hold in every check for a minimum time: its sandbox does not
/// exist on this boot of the node, and its pod does not exist or has a newer sandbox with the same interface. A failed
/// check proves nothing. The API server is read only if a sandbox is missing.
public final class GarbageCollector {
    private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);

    private final AttachmentService attachments;
    private final PodLookup pods;
    private final InstantSource clock;
    private final SuspectTracker suspects;
    private final Consumer<Status> listener;
    private long reclaimed;

    /// @param suspects number of attachments without sandbox and pod that are not detached yet
    /// @param oldest time at which the first of them was found
    /// @param reclaimed number of attachments detached since the agent started
    public record Status(int suspects, Optional<Instant> oldest, long reclaimed) {}

    /// @param wait minimum time for which an attachment must be found orphaned
    /// @param listener called after each run
    public GarbageCollector(
            AttachmentService attachments,
            PodLookup pods,
            InstantSource clock,
            Duration wait,
            Consumer<Status> listener) {
        this.attachments = attachments;
        this.pods = pods;
        this.clock = clock;
        this.suspects = new SuspectTracker(wait);
        this.listener = listener;
    }

    /// Checks all attachments once.
    public void run() {
        try {
            for (AttachmentKey key : suspects.update(orphans(), clock.instant())) {
                if (attachments.reclaim(key)) {
                    reclaimed++;
                    log.atWarn()
                            .addKeyValue("attachment", key)
                            .log("attachment without pod and sandbox detached; its addresses are free");
                }
            }
        } finally {
            listener.accept(new Status(suspects.count(), suspects.oldest(), reclaimed));
        }
    }

    private Set<AttachmentKey> orphans() {
        List<Attachment> all = attachments.all();
        List<Attachment> withoutSandbox = all.stream()
                .filter(attachment -> !attachment.intent().pod().uid().isEmpty())
                .filter(attachments::sandboxGone)
                .toList();
        Set<AttachmentKey> orphans = new HashSet<>();
        for (Attachment attachment : withoutSandbox) {
            if (replaced(attachment, all, withoutSandbox)
                    || pods.gone(attachment.intent().pod())) {
                orphans.add(attachment.key());
            }
        }
        return orphans;
    }

    /// True if the pod has a newer sandbox: a pod has one sandbox at a time.
    private static boolean replaced(Attachment attachment, List<Attachment> all, List<Attachment> withoutSandbox) {
        return all.stream()
                .filter(other -> other.state() == Attachment.State.ATTACHED && !withoutSandbox.contains(other))
                .anyMatch(
                        other -> other.intent().pod().equals(attachment.intent().pod())
                                && other.key().ifName().equals(attachment.key().ifName()));
    }
}
