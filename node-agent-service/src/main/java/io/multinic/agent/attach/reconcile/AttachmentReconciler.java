package io.multinic.agent.attach.reconcile;

import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.RepairResult;
import io.multinic.agent.attach.driver.AttachmentRepair;
import io.multinic.agent.attach.reconcile.AttachmentsState.Broken;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.NamespaceActivity;
import io.multinic.agent.route.plan.TableNumbers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reconciles the kernel with the recorded attachments: interfaces, addresses and routes of pods, host ends, routes to
/// pods, forwarding.
///
/// Only attachments with a reason are looked at: an event of the pod's namespace, a deviation on the node's side, which
/// is compared for all of them in one look, an earlier failure, or the end of `recheck`, for changes without an event.
/// An
/// attachment that is being attached or detached is skipped and looked at later.
public final class AttachmentReconciler {
    private static final Logger log = LoggerFactory.getLogger(AttachmentReconciler.class);

    /// Limit of attachments in one round, so that a round ends soon and new events count.
    private static final int ROUND = 128;

    private final AttachmentService attachments;
    private final AttachmentReports reports;
    private final InstantSource clock;
    private final Duration recheck;
    private final List<Consumer<AttachmentsState>> listeners = new CopyOnWriteArrayList<>();

    private final Set<Integer> changedNamespaces = ConcurrentHashMap.newKeySet();
    private final Set<AttachmentKey> added = ConcurrentHashMap.newKeySet();
    private volatile boolean hostChanged = true;
    private volatile boolean linksChanged;
    private volatile boolean everythingChanged = true;
    /// Replaced as a whole, because [#observed] reads it on another thread.
    private volatile Map<Integer, Set<AttachmentKey>> byNamespace = Map.of();

    private final Set<AttachmentKey> due = new LinkedHashSet<>();
    private final Map<AttachmentKey, Integer> namespaces = new HashMap<>();
    private final Map<AttachmentKey, Broken> broken = new LinkedHashMap<>();
    /// Attachments whose comparison failed and was logged.
    private final Set<AttachmentKey> failing = new HashSet<>();
    private Instant rechecked = Instant.MIN;
    private long repairs;
    private volatile AttachmentsState state = AttachmentsState.NONE;

    /// @param recheck longest time between two looks at an attachment
    public AttachmentReconciler(
            AttachmentService attachments, AttachmentReports reports, InstantSource clock, Duration recheck) {
        this.attachments = attachments;
        this.reports = reports;
        this.clock = clock;
        this.recheck = recheck;
        attachments.onAttached(added::add);
    }

    /// Registers a listener for each new state; it must not block.
    public void onChange(Consumer<AttachmentsState> listener) {
        listeners.add(listener);
    }

    public AttachmentsState state() {
        return state;
    }

    /// Notes a change in the kernel. Cheap: called for every event of the node and of all pods.
    ///
    /// @return true if a reconciliation is needed
    public boolean observed(NamespaceActivity activity) {
        if (activity.kind() == NamespaceActivity.Kind.OVERRUN) {
            everythingChanged = true;
            hostChanged = true;
            return true;
        }
        if (activity.namespaceId() != NamespaceActivity.OWN) {
            boolean known = byNamespace.containsKey(activity.namespaceId());
            if (known) {
                changedNamespaces.add(activity.namespaceId());
            }
            return known;
        }
        boolean concerned = activity.kind() != NamespaceActivity.Kind.ROUTE
                || activity.routeProtocol() == TableNumbers.POD_PROTOCOL;
        if (concerned) {
            hostChanged = true;
            linksChanged |= activity.kind() == NamespaceActivity.Kind.LINK;
        }
        return concerned;
    }

    /// Reconciles the attachments that have a reason, up to the limit of a round.
    ///
    /// @return true if every attachment is as recorded
    public boolean reconcile() {
        Map<AttachmentKey, Attachment> complete = new LinkedHashMap<>();
        for (Attachment attachment : attachments.all()) {
            if (attachment.state() == Attachment.State.ATTACHED) {
                complete.put(attachment.key(), attachment);
            }
        }
        forget(complete.keySet());
        collect(complete);
        for (AttachmentKey key : due.stream().limit(ROUND).toList()) {
            due.remove(key);
            Attachment attachment = complete.get(key);
            if (attachment != null && !repair(attachment)) {
                due.add(key);
            }
        }
        publish(new AttachmentsState(namespaces.size(), broken, repairs));
        return due.isEmpty() && broken.isEmpty();
    }

    private void forget(Set<AttachmentKey> complete) {
        due.retainAll(complete);
        broken.keySet().retainAll(complete);
        failing.retainAll(complete);
        if (namespaces.keySet().retainAll(complete)) {
            index();
        }
    }

    private void collect(Map<AttachmentKey, Attachment> complete) {
        Instant now = clock.instant();
        if (everythingChanged || rechecked.plus(recheck).isBefore(now) || now.isBefore(rechecked)) {
            everythingChanged = false;
            rechecked = now;
            due.addAll(complete.keySet());
        }
        for (int namespace : List.copyOf(changedNamespaces)) {
            changedNamespaces.remove(namespace);
            due.addAll(byNamespace.getOrDefault(namespace, Set.of()));
        }
        for (AttachmentKey key : List.copyOf(added)) {
            added.remove(key);
            due.add(key);
        }
        complete.keySet().stream().filter(key -> !namespaces.containsKey(key)).forEach(due::add);
        if (hostChanged) {
            hostChanged = false;
            try {
                due.addAll(attachments.deviatingOnHost(List.copyOf(complete.values())));
            } catch (RuntimeException e) {
                hostChanged = true;
                throw e;
            }
        }
        if (linksChanged) {
            linksChanged = false;
            due.addAll(broken.keySet());
        }
        due.retainAll(complete.keySet());
    }

    /// @return false if the attachment must be looked at again
    private boolean repair(Attachment attachment) {
        AttachmentKey key = attachment.key();
        try {
            return switch (attachments.repair(key)) {
                case RepairResult.Busy _ -> false;
                case RepairResult.Absent _ -> {
                    broken.remove(key);
                    yield true;
                }
                case RepairResult.Compared(int namespaceId, AttachmentRepair.Report report) -> {
                    Integer before = namespaces.put(key, namespaceId);
                    if (before == null || before != namespaceId) {
                        index();
                    }
                    failing.remove(key);
                    record(attachment, report, before != null);
                    yield report.broken().isEmpty();
                }
            };
        } catch (RuntimeException e) {
            if (failing.add(key)) {
                log.atWarn().addKeyValue("attachment", key).setCause(e).log("attachment cannot be compared; retried");
            }
            return false;
        }
    }

    private void index() {
        Map<Integer, Set<AttachmentKey>> index = new HashMap<>();
        namespaces.forEach((key, namespace) ->
                index.computeIfAbsent(namespace, _ -> new LinkedHashSet<>()).add(key));
        byNamespace = index;
    }

    /// @param known false at the first look: what an earlier release of the agent did not set up is no event of the pod
    private void record(Attachment attachment, AttachmentRepair.Report report, boolean known) {
        AttachmentKey key = attachment.key();
        if (!report.broken().isEmpty()) {
            var now = described(attachment, report.broken());
            if (!now.equals(broken.put(key, now))) {
                log.atWarn()
                        .addKeyValue("attachment", key)
                        .addKeyValue("reason", now.reason())
                        .log("attachment deviates from its record and cannot be restored; retried");
                reports.broken(now);
            }
            return;
        }
        boolean wasBroken = broken.remove(key) != null;
        if (wasBroken || !report.repaired().isEmpty()) {
            repairs++;
            var restored = described(
                    attachment, report.repaired().isEmpty() ? List.of("it is as recorded again") : report.repaired());
            log.atWarn()
                    .addKeyValue("attachment", key)
                    .addKeyValue("reason", restored.reason())
                    .log("attachment restored");
            if (known) {
                reports.restored(restored);
            }
        }
    }

    private static Broken described(Attachment attachment, List<String> texts) {
        return new Broken(
                attachment.intent().pod(), attachment.intent().network(), String.join("; ", new ArrayList<>(texts)));
    }

    private void publish(AttachmentsState reached) {
        AttachmentsState before = state;
        state = reached;
        if (!reached.equals(before)) {
            listeners.forEach(listener -> listener.accept(reached));
        }
    }
}
