package io.multinic.agent.plan;

import io.multinic.agent.reconcile.Backoff;
import io.multinic.agent.reconcile.Threads;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanChange;
import io.multinic.contract.wire.PlanUpdate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the node's plan by long poll; starts with the one on disk.
///
/// A plan of another node UID than the present one is never given out, wherever it comes from. Nothing but a newer
/// answer of ipam-service replaces a plan: while it is away, the last one holds.
public final class PlanFollower implements CurrentPlan, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PlanFollower.class);

    /// What a node that knows no plan says it knows.
    private static final long NONE = 0;

    private final IpamClient ipam;
    private final PlanCache cache;
    private final NodeIdentity identity;
    private final Restoration restoration;
    private final Timing timing;
    private final List<Consumer<NodePlan>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable NodePlan current;
    /// Of the revision of `current`; empty for a plan from disk, which is asked for as a whole once.
    private String history = "";
    private volatile @Nullable Instant lastContact;
    private volatile @Nullable String lastError;
    private @Nullable Thread thread;

    /// @param hold how long one poll may take while there is no news
    public record Timing(Duration hold, Backoff retry, InstantSource clock) {}

    /// Waits until the journal knows every address that the ledger says is held on this node.
    @FunctionalInterface
    public interface Restoration {
        void await() throws InterruptedException;
    }

    /// @param restoration is awaited before the first plan of a node that had none on disk: its journal is new as
    ///     well, and would give held addresses out again
    public PlanFollower(
            IpamClient ipam, PlanCache cache, NodeIdentity identity, Restoration restoration, Timing timing) {
        this.ipam = ipam;
        this.cache = cache;
        this.identity = identity;
        this.restoration = restoration;
        this.timing = timing;
        this.current = cache.load().orElse(null);
    }

    /// @param revision of the plan in use; empty without one
    /// @param lastContact when ipam-service last answered a poll of this process
    /// @param lastError why it does not answer; empty while it does
    public record Status(Optional<Long> revision, Optional<Instant> lastContact, Optional<String> lastError) {}

    public Status status() {
        return new Status(
                plan().map(NodePlan::revision), Optional.ofNullable(lastContact), Optional.ofNullable(lastError));
    }

    @Override
    public Optional<NodePlan> plan() {
        return Optional.ofNullable(current)
                .filter(plan -> identity.uid().stream().allMatch(plan.nodeUid()::equals));
    }

    @Override
    public void onChange(Consumer<NodePlan> listener) {
        listeners.add(listener);
    }

    public void start() {
        plan().ifPresent(plan -> log.atInfo()
                .addKeyValue("revision", plan.revision())
                .addKeyValue("networks", plan.networks().size())
                .log("plan taken from disk"));
        thread = Thread.ofVirtual().name("plan-follower").start(this::follow);
    }

    @Override
    public void close() {
        Threads.end(thread);
    }

    private void follow() {
        try {
            identity.await();
            if (current == null) {
                restoration.await();
            }
            while (true) {
                poll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void poll() throws InterruptedException {
        try {
            Optional<NodePlan> known = plan();
            long asked = System.nanoTime();
            Optional<PlanUpdate> answer = ipam.plan(
                    known.map(NodePlan::revision).orElse(NONE), known.isEmpty() ? "" : history, timing.hold());
            answered();
            boolean useful = answer.isPresent() ? accept(known, answer.get()) : held(asked);
            if (useful) {
                timing.retry().reset();
            } else {
                Thread.sleep(timing.retry().next());
            }
        } catch (RuntimeException e) {
            degraded(e);
            Thread.sleep(timing.retry().next());
        }
    }

    private boolean accept(Optional<NodePlan> known, PlanUpdate update) throws InterruptedException {
        history = ""; // until the update is taken in: whatever fails meanwhile, the whole plan mends it
        PlanChange change = update.change();
        NodePlan plan = change == null ? update.plan() : known.orElseThrow().with(change);
        boolean accepted = accept(Objects.requireNonNull(plan));
        if (accepted) {
            history = update.history();
        }
        return accepted;
    }

    /// @return false if the plan is not for this node, so that asking again at once would give the same
    private boolean accept(NodePlan plan) throws InterruptedException {
        String uid = identity.await();
        if (!plan.nodeUid().equals(uid)) {
            log.atDebug()
                    .addKeyValue("planFor", plan.nodeUid())
                    .addKeyValue("uid", uid)
                    .log("plan of another node UID");
            identity.doubt();
            return false;
        }
        if (plan.equals(current)) {
            return true;
        }
        cache.save(plan);
        current = plan;
        log.atInfo()
                .addKeyValue("revision", plan.revision())
                .addKeyValue("networks", plan.networks().size())
                .log("plan changed");
        listeners.forEach(listener -> listener.accept(plan));
        return true;
    }

    /// A service that is going down sends polls away at once; they must not come back in the same moment.
    private boolean held(long asked) {
        return Duration.ofNanos(System.nanoTime() - asked)
                        .compareTo(timing.hold().dividedBy(2))
                >= 0;
    }

    private void answered() {
        lastContact = timing.clock().instant();
        if (lastError != null) {
            lastError = null;
            log.atInfo().log("ipam-service answers again");
        }
    }

    private void degraded(RuntimeException e) {
        if (lastError == null) {
            log.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .addKeyValue("revision", plan().map(NodePlan::revision).orElse(NONE))
                    .log("plan cannot be followed; the known one holds, and is asked for again");
        }
        lastError = String.valueOf(e.getMessage());
    }
}
