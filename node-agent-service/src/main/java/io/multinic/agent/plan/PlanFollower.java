package io.multinic.agent.plan;

import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.reconcile.Backoff;
import io.multinic.agent.reconcile.Threads;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
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
/// answer of ipam-service replaces a plan: while it is away, the last one holds. And a database that may have been set
/// back must hear of our blocks before we hear of its plan: it asks for a session then.
public final class PlanFollower implements CurrentPlan, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PlanFollower.class);

    /// What a node that knows no plan says it knows.
    private static final long NONE = 0;

    private final NodeIpamClient ipam;
    private final PlanCache cache;
    private final NodeIdentity identity;
    private final Sessions sessions;
    private final Timing timing;
    private final List<Consumer<NodePlan>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable KnownPlan current;
    /// Of the revision of `current`; empty where that is not known: then the whole plan comes.
    private String history;
    private volatile @Nullable Instant lastContact;
    private volatile @Nullable String lastError;
    private @Nullable Thread thread;

    /// @param hold how long one poll may take while there is no news
    public record Timing(Duration hold, Backoff retry, InstantSource clock) {}

    /// The node's sessions, as far as its plan depends on them.
    public interface Sessions {
        /// Waits until the journal knows every address that the ledger says is held on this node.
        void awaitFirst() throws InterruptedException;

        /// Asks for another session, soon.
        void request();

        /// Asks for another session and waits until ipam-service has heard what this node states.
        void awaitNext() throws InterruptedException;

        /// Called with a UID whenever ipam-service says that the node has been retired; must not block.
        void onRetired(Consumer<String> listener);
    }

    /// @param sessions the first is awaited before the first plan of a node that had none on disk: its journal is new
    ///     as well, and would give held addresses out again
    public PlanFollower(NodeIpamClient ipam, PlanCache cache, NodeIdentity identity, Sessions sessions, Timing timing) {
        this.ipam = ipam;
        this.cache = cache;
        this.identity = identity;
        this.sessions = sessions;
        this.timing = timing;
        this.current = cache.load().orElse(null);
        this.history = current == null ? "" : current.history();
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
                .map(KnownPlan::plan)
                .filter(plan -> identity.uid().stream().allMatch(plan.nodeUid()::equals));
    }

    @Override
    public void onChange(Consumer<NodePlan> listener) {
        listeners.add(listener);
    }

    public void start() {
        sessions.onRetired(this::withdraw);
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

    /// The blocks of a retired node may be another node's: from now on nothing is given out of them, not
    /// after a restart either. What pods hold stays recorded, and routes stay until there is a new plan.
    private void withdraw(String uid) {
        if (isOf(uid, Optional.ofNullable(current))) {
            current = null;
            log.atError()
                    .addKeyValue("uid", uid)
                    .log("ipam-service has retired this node; no addresses are given out until it has a new plan");
        }
        if (isOf(uid, cache.load())) {
            cache.forget();
        }
    }

    private static boolean isOf(String uid, Optional<KnownPlan> known) {
        return known.filter(saved -> saved.plan().nodeUid().equals(uid)).isPresent();
    }

    private void follow() {
        try {
            identity.await();
            if (current == null) {
                sessions.awaitFirst();
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
            stateAgain(e);
        }
    }

    /// What ipam-service does not know of this node, a session tells it.
    private void stateAgain(RuntimeException failure) throws InterruptedException {
        ErrorCode code = failure instanceof MultiNicException known ? known.code() : ErrorCode.INTERNAL;
        if (code == ErrorCode.SESSION_NEEDED) {
            sessions.awaitNext();
        } else if (code == ErrorCode.NODE_UNKNOWN) {
            sessions.request();
        }
    }

    private boolean accept(Optional<NodePlan> known, PlanUpdate update) throws InterruptedException {
        history = ""; // until the update is taken in: whatever fails meanwhile, the whole plan mends it
        PlanChange change = update.change();
        NodePlan plan = change == null ? update.plan() : known.orElseThrow().with(change);
        boolean accepted = accept(Objects.requireNonNull(plan), update.history());
        if (accepted) {
            history = update.history();
        }
        return accepted;
    }

    /// @return false if the plan is not for this node, so that asking again at once would give the same
    private boolean accept(NodePlan plan, String planHistory) throws InterruptedException {
        String uid = identity.await();
        if (!plan.nodeUid().equals(uid)) {
            log.atDebug()
                    .addKeyValue("planFor", plan.nodeUid())
                    .addKeyValue("uid", uid)
                    .log("plan of another node UID");
            identity.doubt();
            return false;
        }
        KnownPlan known = current;
        KnownPlan next = known == null ? KnownPlan.first(plan, planHistory) : known.followedBy(plan, planHistory);
        if (next.equals(known)) {
            return true;
        }
        cache.save(next);
        current = next;
        if (known != null && known.plan().equals(plan)) {
            return true;
        }
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
