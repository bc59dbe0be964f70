package io.multinic.agent.ledger;

import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.plan.KnownPlan;
import io.multinic.agent.plan.PlanCache;
import io.multinic.agent.plan.PlanFollower;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.reconcile.Backoff;
import io.multinic.agent.reconcile.Threads;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the journal's events to the ledger: in order, each exactly once however often it is sent.
///
/// One session for each run of the agent, and a new one when ipam-service does not know it any more, asks for one, or
/// the node has become another one. Each states what the node holds and which blocks it goes by. When a later session
/// of the same node makes ours stale, another agent has taken over:
/// this one stops sending for good, since two that take the node from each other would never end.
public final class LedgerUplink implements PlanFollower.Sessions, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LedgerUplink.class);
    private static final int BATCH = 500;

    private final NodeIpamClient ipam;
    private final Outbox outbox;
    private final NodeIdentity identity;
    private final PlanCache plans;
    private final Supplier<Optional<Long>> applied;
    private final Backoff retry;
    private final Duration report;
    private final InstantSource clock;
    private final Semaphore work = new Semaphore(0);
    private final CountDownLatch restored = new CountDownLatch(1);
    /// The session that somebody waits for; null while nobody does.
    private final AtomicReference<@Nullable CompletableFuture<Session>> wanted = new AtomicReference<>();
    private final List<Consumer<String>> retired = new CopyOnWriteArrayList<>();
    private volatile State state = State.CONNECTING;
    private volatile @Nullable String lastError;
    private @Nullable Thread thread;
    /// Sessions that were asked for without an answer: ipam-service may begin each of them as late as it likes.
    private long unanswered;
    /// By the clock that only goes on; the ledger is told how far it is complete at the latest then.
    private long reportDue;

    /// Where the uplink stands.
    public enum State {
        /// No session yet, or none that still counts.
        CONNECTING,
        /// Has a session; `lastError` tells whether the last batch went through.
        CONNECTED,
        /// ipam-service says that what this agent sends is wrong. It is sent again, since an event must not be lost;
        /// but nothing gets through, and a person must find out which of the two has a fault.
        REFUSED,
        /// Another agent speaks for this node; a person must find out which of the two is wrong.
        SUPERSEDED
    }

    /// @param pending how many events the ledger does not have, counted up to one batch
    /// @param oldest since when the first of them waits
    public record Status(State state, int pending, Optional<Instant> oldest, Optional<String> lastError) {}

    private record Session(String uid, long epoch) {}

    /// @param retry the waits after failures
    /// @param report how often the ledger is told up to when it has everything, if there are no events to send
    public record Timing(Backoff retry, Duration report, InstantSource clock) {}

    /// @param known the plan that allocations follow
    /// @param applied the revision of the one that the node's routes were last brought in line with
    public record Plans(PlanCache known, Supplier<Optional<Long>> applied) {}

    public LedgerUplink(NodeIpamClient ipam, Outbox outbox, NodeIdentity identity, Plans plans, Timing timing) {
        this.ipam = ipam;
        this.outbox = outbox;
        this.identity = identity;
        this.plans = plans.known();
        this.applied = plans.applied();
        this.retry = timing.retry();
        this.report = timing.report();
        this.clock = timing.clock();
        this.reportDue = System.nanoTime();
    }

    public Status status() {
        List<LedgerEvent> waiting = outbox.pending(BATCH);
        return new Status(
                state,
                waiting.size(),
                waiting.stream().findFirst().map(LedgerEvent::at),
                Optional.ofNullable(lastError));
    }

    public void start() {
        outbox.onEvents(work::release);
        identity.onChange(work::release);
        thread = Thread.ofVirtual().name("ledger-uplink").start(this::run);
    }

    @Override
    public void awaitFirst() throws InterruptedException {
        restored.await();
    }

    @Override
    public void onRetired(Consumer<String> listener) {
        retired.add(listener);
    }

    @Override
    public void request() {
        var _ = next();
    }

    @Override
    public void awaitNext() throws InterruptedException {
        try {
            next().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (CancellationException e) {
            log.debug("no session any more: another agent speaks for this node", e);
        }
    }

    private CompletableFuture<Session> next() {
        CompletableFuture<Session> next =
                Objects.requireNonNull(wanted.updateAndGet(known -> known == null ? new CompletableFuture<>() : known));
        if (state == State.SUPERSEDED) {
            next.cancel(false);
        }
        work.release();
        return next;
    }

    @Override
    public void close() {
        Threads.end(thread);
    }

    private void run() {
        try {
            Session session = null;
            while (state != State.SUPERSEDED) {
                session = step(session);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return the session to go on with; null for a new one
    private @Nullable Session step(@Nullable Session session) throws InterruptedException {
        String uid = identity.await();
        try {
            if (session == null || !session.uid().equals(uid) || wanted.get() != null) {
                return open(uid);
            }
            deliver(session);
            return session;
        } catch (RuntimeException e) {
            return afterFailure(uid, session, e);
        }
    }

    private Session open(String uid) throws InterruptedException {
        if (state != State.REFUSED) {
            state = State.CONNECTING;
        }
        CompletableFuture<Session> awaited = wanted.get();
        // Read before what is held: what is confirmed in between only makes the number too small.
        long confirmed = outbox.confirmed();
        SessionGrant grant = begin(new SessionRequest(uid, outbox.storeId(), confirmed, outbox.live(), statement(uid)));
        if (grant.storedThrough() > outbox.written()) {
            grant = openWithNewStoreId(uid, grant);
        } else if (!grant.restore().isEmpty()) {
            outbox.restore(grant.restore());
        }
        outbox.confirm(grant.storedThrough());
        log.atInfo()
                .addKeyValue("epoch", grant.epoch())
                .addKeyValue("storedThrough", grant.storedThrough())
                .addKeyValue("restored", grant.restore().size())
                .log("ledger session opened");
        restored.countDown();
        worked();
        var session = new Session(uid, grant.epoch());
        if (awaited != null && wanted.compareAndSet(awaited, null)) {
            awaited.complete(session);
        }
        return session;
    }

    /// The journal's file was set back to an earlier state of itself. The ledger would take the numbers that come
    /// now for those that came before; and it knows of addresses that pods hold and that this journal would give
    /// out again.
    private SessionGrant openWithNewStoreId(String uid, SessionGrant refused) throws InterruptedException {
        String another = UUID.randomUUID().toString();
        SessionGrant grant = begin(new SessionRequest(uid, another, 0L, outbox.live(), statement(uid)));
        log.atWarn()
                .addKeyValue("written", outbox.written())
                .addKeyValue("storedThrough", refused.storedThrough())
                .addKeyValue("restored", grant.restore().size())
                .log("the ledger has events of this journal that it does not know any more: its file was set back to an"
                        + " earlier state. It goes on as a new journal, with what the ledger shows as held here");
        outbox.renewStoreId(another, grant.restore(), clock.instant());
        return grant;
    }

    private SessionGrant begin(SessionRequest request) throws InterruptedException {
        try {
            return ipam.openSession(request);
        } catch (NodeIpamClient.NoAnswerException e) {
            unanswered++;
            throw e;
        }
    }

    /// A plan of another UID than the present one says nothing about this node.
    private PlanStatement statement(String uid) {
        return plans.load()
                .filter(known -> known.plan().nodeUid().equals(uid))
                .map(KnownPlan::statement)
                .orElseGet(() -> new PlanStatement("", 0, List.of()));
    }

    private void deliver(Session session) throws InterruptedException {
        work.drainPermits();
        Outbox.Delivery next = outbox.next(BATCH, clock);
        List<LedgerEvent> events = next.events();
        long idle = reportDue - System.nanoTime();
        if (events.isEmpty() && idle > 0) {
            boolean _ = work.tryAcquire(idle, TimeUnit.NANOSECONDS);
            return;
        }
        LedgerReceipt receipt = ipam.store(new LedgerBatch(
                session.uid(),
                session.epoch(),
                events,
                next.asOf().orElse(null),
                applied.get().orElse(null)));
        if (!events.isEmpty()) {
            confirm(events, receipt);
        }
        if (next.asOf().isPresent()) {
            reportDue = System.nanoTime() + spread(report);
        }
        worked();
    }

    private void confirm(List<LedgerEvent> events, LedgerReceipt receipt) {
        if (receipt.storedThrough() < events.getFirst().sequence()) {
            throw new MultiNicException(
                    ErrorCode.TRY_AGAIN_LATER,
                    "ipam-service has stored through event " + receipt.storedThrough() + " only, although event "
                            + events.getFirst().sequence() + " and later ones were sent");
        }
        outbox.confirm(receipt.storedThrough());
    }

    /// Agents that were started together do not report together for ever.
    private static long spread(Duration pause) {
        return pause.toNanos() - ThreadLocalRandom.current().nextLong(pause.toNanos() / 5 + 1);
    }

    private void worked() {
        retry.reset();
        state = State.CONNECTED;
        if (lastError != null) {
            lastError = null;
            log.atInfo().log("ledger takes events again");
        }
    }

    private @Nullable Session afterFailure(String uid, @Nullable Session session, RuntimeException failure)
            throws InterruptedException {
        RuntimeException reason = failure;
        if (session != null && code(failure) == ErrorCode.STALE_SESSION) {
            try {
                if (superseded(session)) {
                    return null;
                }
            } catch (MultiNicException e) {
                reason = e;
            }
        }
        degraded(reason);
        if (code(reason) == ErrorCode.NODE_RETIRED) {
            tellRetired(uid);
        }
        if (code(reason) == ErrorCode.NODE_UNKNOWN || code(reason) == ErrorCode.NODE_RETIRED) {
            identity.doubt();
        }
        Thread.sleep(retry.next());
        // What the ledger has forgotten or never had, a session brings back; what it calls wrong, it does not mend.
        return code(reason).kind() == ErrorKind.CALLER && code(reason) != ErrorCode.INVALID_REQUEST ? null : session;
    }

    private void tellRetired(String uid) {
        try {
            retired.forEach(listener -> listener.accept(uid));
        } catch (RuntimeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("uid", uid)
                    .log("what follows from the node's retirement cannot be done; it is tried again");
        }
    }

    private static ErrorCode code(RuntimeException failure) {
        return failure instanceof MultiNicException known ? known.code() : ErrorCode.INTERNAL;
    }

    /// A ledger that was set back to an earlier state knows an older session than ours; then nobody took over. Nor did
    /// anybody where no more sessions have begun than this agent itself asked for and gave up.
    private boolean superseded(Session session) throws InterruptedException {
        long present = ipam.epoch();
        long newer = present - session.epoch();
        if (newer <= 0) {
            return false;
        }
        if (newer <= unanswered) {
            unanswered -= newer;
            return false;
        }
        lastError = "session " + present + " of this node is newer than session " + session.epoch() + " of this agent";
        state = State.SUPERSEDED;
        CompletableFuture<Session> awaited = wanted.get();
        if (awaited != null) {
            awaited.cancel(false);
        }
        log.atError()
                .addKeyValue("epoch", session.epoch())
                .addKeyValue("newer", present)
                .log("another agent speaks for this node; this one sends no more events; stop one of the two");
        return true;
    }

    private void degraded(RuntimeException reason) {
        boolean refused = code(reason) == ErrorCode.INVALID_REQUEST;
        if (refused && state != State.REFUSED) {
            state = State.REFUSED;
            log.atError()
                    .addKeyValue("reason", reason.getMessage())
                    .log("ipam-service refuses what this agent tells the ledger; it is kept and sent again, and later"
                            + " events wait behind it");
        } else if (lastError == null) {
            log.atWarn()
                    .addKeyValue("reason", reason.getMessage())
                    .log("ledger does not take events; they are kept and sent again");
            log.debug("failure of the uplink", reason);
        }
        lastError = String.valueOf(reason.getMessage());
    }
}
