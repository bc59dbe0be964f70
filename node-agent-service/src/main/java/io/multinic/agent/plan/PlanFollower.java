package io.multinic.agent.plan;

import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.reconcile.EndlessLoop;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.retry.Backoff;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanChange;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.StatedBlock;
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

/// Follows the node's plan by long poll, starting with the plan on disk.
///
/// A plan of another node UID than the present one is never used. Only a newer answer of ipam-service replaces a plan;
/// during an outage the last one stays in use. A database that may have been set back must receive a session, with the
/// blocks that this node has, before this node takes a plan from it; it answers polls with SESSION_NEEDED until then.
public final class PlanFollower implements CurrentPlan, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PlanFollower.class);

    /// Revision in the poll of a node without a plan.
    private static final long NONE = 0;

    private final NodeIpamClient ipam;
    private final PlanCache cache;
    private final NodeIdentity identity;
    private final Sessions sessions;
    private final Timing timing;
    private final List<Consumer<NodePlan>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable KnownPlan current;
    /// History of the revision of `current`; empty if it is not known, so that the next poll returns the whole plan.
    private String history;
    private volatile @Nullable Instant lastContact;
    private volatile @Nullable String lastError;
    private final EndlessLoop loop = new EndlessLoop("plan-follower", this::round);

    /// @param hold the longest time that ipam-service may hold a poll while the plan does not change
    public record Timing(Duration hold, Backoff retry, InstantSource clock) {}

    /// Port to the node's sessions, on which its plan depends.
    public interface Sessions {
        /// Waits for the first session of this run: from then on the journal contains every address that the ledger
        /// shows as held on this node.
        void awaitFirst() throws InterruptedException;

        /// Requests another session; does not wait.
        void request();

        /// Requests another session and waits until ipam-service has the statement of this node. Returns at once if
        /// another agent has superseded this one.
        void awaitNext() throws InterruptedException;

        /// Adds a listener that is called with the UID whenever ipam-service answers that the node was retired. The
        /// listener must not block.
        void onRetired(Consumer<String> listener);
    }

    /// @param sessions a node without a plan on disk waits for the first session before its first plan: its journal is
    ///     new as well, and would assign held addresses again
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
    /// @param lastContact time of the last answer of ipam-service to a poll of this process
    /// @param lastError of the last poll; empty if it succeeded
    public record Status(Optional<Long> revision, Optional<Instant> lastContact, Optional<String> lastError) {}

    public Status status() {
        return new Status(
                plan().map(NodePlan::revision), Optional.ofNullable(lastContact), Optional.ofNullable(lastError));
    }

    @Override
    public Optional<NodePlan> plan() {
        return ofThisNode().map(KnownPlan::plan);
    }

    @Override
    public List<StatedBlock> absent() {
        return ofThisNode().map(KnownPlan::absent).orElse(List.of());
    }

    private Optional<KnownPlan> ofThisNode() {
        return Optional.ofNullable(current)
                .filter(known -> identity.uid().stream().allMatch(known.plan().nodeUid()::equals));
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
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    /// Withdraws the plan of a retired node, in memory and on disk: its blocks may be assigned to another node, so no
    /// address may be allocated in them. Recorded attachments stay, and routes stay until there is a new plan.
    private void withdraw(String uid) {
        if (isOf(uid, Optional.ofNullable(current))) {
            current = null;
            log.atError()
                    .addKeyValue("uid", uid)
                    .log("node is retired; no addresses are allocated until it has a new plan");
        }
        if (isOf(uid, cache.loadWithoutPeers())) {
            cache.forget();
        }
    }

    private static boolean isOf(String uid, Optional<KnownPlan> known) {
        return known.filter(saved -> saved.plan().nodeUid().equals(uid)).isPresent();
    }

    private boolean round() throws InterruptedException {
        identity.await();
        if (current == null) {
            sessions.awaitFirst();
        }
        poll();
        return true;
    }

    private void poll() throws InterruptedException {
        try {
            Optional<NodePlan> known = plan();
            long sent = System.nanoTime();
            Optional<PlanUpdate> answer = ipam.plan(
                    known.map(NodePlan::revision).orElse(NONE), known.isEmpty() ? "" : history, timing.hold());
            answered();
            boolean useful = answer.isPresent() ? accept(known, answer.get()) : held(sent);
            if (useful) {
                timing.retry().reset();
            } else {
                Thread.sleep(timing.retry().next());
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            degraded(e);
            Thread.sleep(timing.retry().next());
            requestSession(e);
        }
    }

    /// Requests a session where ipam-service lacks what a session states.
    private void requestSession(Throwable failure) throws InterruptedException {
        ErrorCode code = failure instanceof MultiNicException known ? known.code() : ErrorCode.INTERNAL;
        if (code == ErrorCode.SESSION_NEEDED) {
            sessions.awaitNext();
        } else if (code == ErrorCode.NODE_UNKNOWN) {
            sessions.request();
        }
    }

    private boolean accept(Optional<NodePlan> known, PlanUpdate update) throws InterruptedException {
        history = ""; // until the update is applied: after a failure the next poll returns the whole plan
        PlanChange change = update.change();
        NodePlan plan = change == null ? update.plan() : known.orElseThrow().with(change);
        boolean accepted = accept(Objects.requireNonNull(plan), update.history(), change);
        if (accepted) {
            history = update.history();
        }
        return accepted;
    }

    /// @return false if the plan is not for this node, so that an immediate poll would return the same
    private boolean accept(NodePlan plan, String planHistory, @Nullable PlanChange change) throws InterruptedException {
        String uid = identity.await();
        if (!plan.nodeUid().equals(uid)) {
            log.atDebug()
                    .addKeyValue("planFor", plan.nodeUid())
                    .addKeyValue("uid", uid)
                    .log("plan of another node UID");
            identity.recheck();
            return false;
        }
        KnownPlan known = current;
        KnownPlan next = known == null ? KnownPlan.first(plan, planHistory) : known.followedBy(plan, planHistory);
        if (next.equals(known)) {
            return true;
        }
        if (change == null) {
            cache.save(next);
        } else {
            cache.save(next, change);
        }
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

    /// A service that is shutting down answers polls at once; the next poll must wait then.
    private boolean held(long sent) {
        return Duration.ofNanos(System.nanoTime() - sent)
                        .compareTo(timing.hold().dividedBy(2))
                >= 0;
    }

    private void answered() {
        lastContact = timing.clock().instant();
        if (lastError != null) {
            lastError = null;
            log.atInfo().log("plan polls work again");
        }
    }

    private void degraded(Throwable e) {
        String reason = e instanceof MultiNicException ? String.valueOf(e.getMessage()) : e.toString();
        if (lastError == null) {
            log.atWarn()
                    .addKeyValue("reason", reason)
                    .addKeyValue("revision", plan().map(NodePlan::revision).orElse(NONE))
                    .log("plan poll failed; the last plan stays in use and the poll is retried");
        }
        lastError = reason;
    }
}
