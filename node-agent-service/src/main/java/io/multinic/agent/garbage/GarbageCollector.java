package io.multinic.agent.garbage;

import io.multinic.agent.attach.AttachmentQueues;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.Failures;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.journal.Sandbox;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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
    private final AttachmentQueues queues;
    private final PodLookups lookups;
    private final InstantSource clock;
    private final SuspectTracker suspects;
    private final Consumer<Status> listener;
    private final AtomicLong reclaimed = new AtomicLong();
    /// Failures of the last attempts to detach an attachment.
    private final Map<AttachmentKey, RuntimeException> notDetached = new ConcurrentHashMap<>();

    /// @param suspects number of attachments without sandbox and pod that are not detached yet
    /// @param oldest time at which the first of them was found
    /// @param reclaimed number of attachments detached since the agent started
    public record Status(int suspects, Optional<Instant> oldest, long reclaimed) {}

    /// @param queues execute the detachments
    /// @param wait minimum time for which an attachment must be found orphaned
    /// @param listener called after each run
    public GarbageCollector(
            AttachmentService attachments,
            AttachmentQueues queues,
            PodLookup pods,
            InstantSource clock,
            Duration wait,
            Consumer<Status> listener) {
        this.attachments = attachments;
        this.queues = queues;
        this.lookups = new PodLookups(pods);
        this.clock = clock;
        this.suspects = new SuspectTracker(wait);
        this.listener = listener;
    }

    /// Checks all attachments once and starts the detachment of those that may be collected, which goes on after the
    /// return. An attachment that cannot be checked or detached does not stop the others.
    ///
    /// @throws io.multinic.contract.error.MultiNicException naming each attachment that was not checked, or was not
    ///     detached in an earlier run
    public void run() {
        var failures = new Failures();
        try {
            Set<AttachmentKey> orphans = orphans(failures);
            notDetached.keySet().retainAll(orphans);
            notDetached.forEach((key, failure) -> failures.add("attachment " + key, failure));
            for (AttachmentKey key : suspects.update(orphans, clock.instant())) {
                queues.submit(attachments.pluginOf(key), key, () -> reclaim(key));
            }
        } finally {
            listener.accept(new Status(suspects.count(), suspects.oldest(), reclaimed.get()));
        }
        failures.throwIfAny("garbage was not collected completely");
    }

    private void reclaim(AttachmentKey key) {
        try {
            if (attachments.reclaim(key)) {
                reclaimed.incrementAndGet();
                log.atWarn()
                        .addKeyValue("attachment", key)
                        .log("attachment without pod and sandbox detached; its addresses are free");
            }
            notDetached.remove(key);
        } catch (RuntimeException e) {
            if (notDetached.put(key, e) == null) {
                log.atWarn()
                        .addKeyValue("attachment", key)
                        .setCause(e)
                        .log("attachment without pod and sandbox cannot be detached; it is retried");
            }
        }
    }

    private Set<AttachmentKey> orphans(Failures failures) {
        List<Attachment> withSandbox = new ArrayList<>();
        List<Attachment> withoutSandbox = new ArrayList<>();
        for (Attachment attachment : attachments.all()) {
            failures.attempt("attachment " + attachment.key(), () -> {
                if (attachments.sandboxGone(attachment)) {
                    withoutSandbox.add(attachment);
                } else if (!attachment.intent().sandbox().equals(Sandbox.UNKNOWN)) {
                    withSandbox.add(attachment);
                }
            });
        }
        withoutSandbox.removeIf(attachment -> attachment.intent().pod().uid().isEmpty());
        Set<AttachmentKey> orphans = new HashSet<>();
        List<Attachment> unproven = new ArrayList<>();
        for (Attachment attachment : withoutSandbox) {
            if (replaced(attachment, withSandbox)) {
                orphans.add(attachment.key());
            } else {
                unproven.add(attachment);
            }
        }
        orphans.addAll(lookups.withoutPod(unproven, failures));
        return orphans;
    }

    /// True if the pod has a newer sandbox: a pod has one sandbox at a time.
    private static boolean replaced(Attachment attachment, List<Attachment> withSandbox) {
        return withSandbox.stream()
                .filter(other -> other.state() == Attachment.State.ATTACHED)
                .anyMatch(
                        other -> other.intent().pod().equals(attachment.intent().pod())
                                && other.key().ifName().equals(attachment.key().ifName()));
    }
}
