package io.multinic.agent.garbage;

import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.attach.AttachmentService;
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

/// Detaches what no DEL will come for: pods that were deleted while their node was down, DELs that Multus dropped.
///
/// An attachment goes after two independent proofs, both seen again after a time: its sandbox is not on this boot of
/// the node, and its pod is no more, or has a newer sandbox with the same interface. Whatever cannot be asked is no
/// proof. As long as every sandbox is there the API server is not asked at all.
public final class GarbageCollector {
    private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);

    private final AttachmentService attachments;
    private final PodLookup pods;
    private final InstantSource clock;
    private final SuspectTracker suspects;
    private final Consumer<Status> told;
    private long reclaimed;

    /// @param suspects attachments without sandbox and pod that wait for the second look
    /// @param oldest since when the first of them waits
    /// @param reclaimed how many were detached since the agent began
    public record Status(int suspects, Optional<Instant> oldest, long reclaimed) {}

    /// @param wait the least time between the two looks
    /// @param told after each run
    public GarbageCollector(
            AttachmentService attachments, PodLookup pods, InstantSource clock, Duration wait, Consumer<Status> told) {
        this.attachments = attachments;
        this.pods = pods;
        this.clock = clock;
        this.suspects = new SuspectTracker(wait);
        this.told = told;
    }

    /// One look.
    public void run() {
        try {
            for (AttachmentKey key : suspects.look(guilty(), clock.instant())) {
                if (attachments.reclaim(key)) {
                    reclaimed++;
                    log.atWarn()
                            .addKeyValue("attachment", key)
                            .log("its pod and its sandbox are gone and no DEL came; its addresses are free");
                }
            }
        } finally {
            told.accept(new Status(suspects.count(), suspects.oldest(), reclaimed));
        }
    }

    private Set<AttachmentKey> guilty() {
        List<Attachment> all = attachments.all();
        List<Attachment> orphans = all.stream()
                .filter(attachment -> !attachment.intent().pod().uid().isEmpty())
                .filter(attachments::sandboxGone)
                .toList();
        Set<AttachmentKey> guilty = new HashSet<>();
        for (Attachment orphan : orphans) {
            if (replaced(orphan, all, orphans) || pods.gone(orphan.intent().pod())) {
                guilty.add(orphan.key());
            }
        }
        return guilty;
    }

    /// A pod has one sandbox at a time.
    private static boolean replaced(Attachment orphan, List<Attachment> all, List<Attachment> orphans) {
        return all.stream()
                .filter(other -> other.state() == Attachment.State.ATTACHED && !orphans.contains(other))
                .anyMatch(other -> other.intent().pod().equals(orphan.intent().pod())
                        && other.key().ifName().equals(orphan.key().ifName()));
    }
}
