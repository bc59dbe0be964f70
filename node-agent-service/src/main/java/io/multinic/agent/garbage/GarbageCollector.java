package io.multinic.agent.garbage;

import io.multinic.agent.attach.AttachmentQueues;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.Failures;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
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
/// exist on this boot of the node, and its pod does not exist or has a newer sandbox with the same interface. Where the
/// sandbox is unknown, because the attachment was restored from the ledger, no network namespace has an address of it
/// instead. A failed check proves nothing. The API server is read only if a sandbox is missing or unknown.
public final class GarbageCollector {
    private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);

    private static final Duration REPORT_INTERVAL = Duration.ofMinutes(10);

    private final AttachmentService attachments;
    private final AttachmentQueues queues;
    private final PodLookups lookups;
    private final RestoredAttachments restored;
    private final InstantSource clock;
    private final SuspectTracker suspects;
    private final Consumer<Status> listener;
    private final AtomicLong reclaimed = new AtomicLong();
    /// Failures of the last attempts to detach an attachment.
    private final Map<AttachmentKey, RuntimeException> notDetached = new ConcurrentHashMap<>();
    private Instant reported = Instant.MIN;
    private int held;

    /// @param suspects number of attachments without sandbox and pod that are not detached yet
    /// @param oldest time at which the first of them was found
    /// @param held number of attachments from the ledger whose pod is gone and whose addresses a namespace has
    /// @param reclaimed number of attachments detached since the agent started
    public record Status(int suspects, Optional<Instant> oldest, int held, long reclaimed) {
        public static final Status NONE = new Status(0, Optional.empty(), 0, 0);
    }

    /// State of the cluster and of the node.
    ///
    /// @param pods the pods of the cluster
    /// @param namespaces the network namespaces of the node
    public record Observation(PodLookup pods, AddressHolders namespaces) {}

    /// @param queues execute the detachments
    /// @param wait minimum time for which an attachment must be found orphaned
    /// @param listener called after each run
    public GarbageCollector(
            AttachmentService attachments,
            AttachmentQueues queues,
            Observation observation,
            InstantSource clock,
            Duration wait,
            Consumer<Status> listener) {
        this.attachments = attachments;
        this.queues = queues;
        this.lookups = new PodLookups(observation.pods());
        this.restored = new RestoredAttachments(observation.namespaces());
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
            listener.accept(new Status(suspects.count(), suspects.oldest(), held, reclaimed.get()));
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
        List<Attachment> candidates = new ArrayList<>();
        List<Attachment> fromLedger = new ArrayList<>();
        for (Attachment attachment : attachments.all()) {
            failures.attempt("attachment " + attachment.key(), () -> {
                if (attachment.restored()) {
                    fromLedger.add(attachment);
                } else if (attachments.sandboxGone(attachment)) {
                    candidates.add(attachment);
                } else {
                    withSandbox.add(attachment);
                }
            });
        }
        fromLedger.removeIf(GarbageCollector::withoutKnownPod);
        var divided = restored.divide(fromLedger, failures);
        candidates.addAll(divided.unheld());
        candidates.removeIf(GarbageCollector::withoutKnownPod);
        boolean reporting = reportDue();
        if (reporting) {
            candidates.addAll(divided.held().keySet());
        }
        Set<AttachmentKey> podless = podless(candidates, withSandbox, failures);
        if (reporting) {
            held = restored.report(divided.held(), podless);
        }
        divided.held().keySet().forEach(attachment -> podless.remove(attachment.key()));
        return podless;
    }

    /// Attachments from the ledger whose addresses a namespace has are only reported: their pods are looked up rarely.
    private boolean reportDue() {
        Instant now = clock.instant();
        boolean due = now.isBefore(reported) || !now.isBefore(reported.plus(REPORT_INTERVAL));
        if (due) {
            reported = now;
        }
        return due;
    }

    private static boolean withoutKnownPod(Attachment attachment) {
        return attachment.intent().pod().uid().isEmpty();
    }

    /// Attachments whose pod is gone or has a newer sandbox.
    private Set<AttachmentKey> podless(List<Attachment> candidates, List<Attachment> withSandbox, Failures failures) {
        Set<AttachmentKey> podless = new HashSet<>();
        List<Attachment> unproven = new ArrayList<>();
        for (Attachment attachment : candidates) {
            if (replaced(attachment, withSandbox)) {
                podless.add(attachment.key());
            } else {
                unproven.add(attachment);
            }
        }
        podless.addAll(lookups.withoutPod(unproven, failures));
        return podless;
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
