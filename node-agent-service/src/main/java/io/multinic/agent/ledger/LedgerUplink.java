package io.multinic.agent.ledger;

import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.reconcile.EndlessLoop;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.retry.Backoff;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Delivers the journal's events to the ledger, in their order; the ledger stores each exactly once, however often it
/// is sent.
///
/// One thread opens the node's session, sends batches in it, and reports when there are no events to send. It ends when
/// the session is superseded.
public final class LedgerUplink implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LedgerUplink.class);
    private static final int BATCH = 500;

    private final NodeIpamClient ipam;
    private final Outbox outbox;
    private final NodeIdentity identity;
    private final NodeSession session;
    private final Timing timing;
    private final Semaphore wakeUp = new Semaphore(0);
    private volatile State state = State.CONNECTING;
    private volatile @Nullable String lastError;
    private volatile @Nullable Long appliedRevision;
    private final EndlessLoop loop = new EndlessLoop("ledger-uplink", this::round);
    /// On the monotonic clock: the latest time of the next report.
    private long reportDue;

    /// State of the delivery.
    public enum State {
        /// No session is open.
        CONNECTING,
        /// A session is open; `lastError` shows whether the last batch was stored.
        CONNECTED,
        /// ipam-service rejects a batch or session as invalid. It is sent again, since no event may be lost, and later
        /// events wait behind it; a person must find out which side is wrong.
        REFUSED,
        /// Another agent of this node has a later session; a person must stop one of the two.
        SUPERSEDED
    }

    /// @param pending number of events that the ledger does not have
    /// @param oldest time of the first of them
    public record Status(State state, long pending, Optional<Instant> oldest, Optional<String> lastError) {}

    /// @param retry the waits after failures
    /// @param report interval of reports while there are no events to send
    public record Timing(Backoff retry, Duration report, InstantSource clock) {}

    public LedgerUplink(NodeIpamClient ipam, Outbox outbox, NodeIdentity identity, NodeSession session, Timing timing) {
        this.ipam = ipam;
        this.outbox = outbox;
        this.identity = identity;
        this.session = session;
        this.timing = timing;
        this.reportDue = System.nanoTime();
    }

    /// From memory; see [Outbox#backlog].
    public Status status() {
        Outbox.Backlog waiting = outbox.backlog();
        return new Status(state, waiting.pending(), waiting.oldest(), Optional.ofNullable(lastError));
    }

    /// The node's routes were reconciled with this revision of the plan; the next batch reports it.
    public void planApplied(long revision) {
        appliedRevision = revision;
    }

    public void start() {
        outbox.onEvents(wakeUp::release);
        identity.onChange(wakeUp::release);
        session.onRequest(wakeUp::release);
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    private boolean round() throws InterruptedException {
        step();
        return state != State.SUPERSEDED;
    }

    private void step() throws InterruptedException {
        String uid = identity.await();
        Optional<NodeSession.Session> open = session.current(uid);
        try {
            if (open.isPresent()) {
                deliver(open.get());
            } else {
                connect(uid);
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            afterFailure(uid, open, e);
        }
    }

    private void connect(String uid) throws InterruptedException {
        if (state != State.REFUSED) {
            state = State.CONNECTING;
        }
        session.open(uid);
        succeeded();
    }

    private void deliver(NodeSession.Session open) throws InterruptedException {
        wakeUp.drainPermits();
        Outbox.Delivery next = outbox.next(BATCH, timing.clock());
        List<LedgerEvent> events = next.events();
        long idle = reportDue - System.nanoTime();
        if (events.isEmpty() && idle > 0) {
            boolean _ = wakeUp.tryAcquire(idle, TimeUnit.NANOSECONDS);
            return;
        }
        LedgerReceipt receipt = ipam.store(
                new LedgerBatch(open.uid(), open.epoch(), events, next.asOf().orElse(null), appliedRevision));
        if (!events.isEmpty()) {
            confirm(events, receipt);
        }
        if (next.asOf().isPresent()) {
            reportDue = System.nanoTime() + spread(timing.report());
        }
        succeeded();
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

    /// Shortens the interval by up to a fifth, so that agents that were started together do not keep reporting
    /// together.
    private static long spread(Duration interval) {
        return interval.toNanos() - ThreadLocalRandom.current().nextLong(interval.toNanos() / 5 + 1);
    }

    private void succeeded() {
        timing.retry().reset();
        state = State.CONNECTED;
        if (lastError != null) {
            lastError = null;
            log.atInfo().log("ledger delivery works again");
        }
    }

    private void afterFailure(String uid, Optional<NodeSession.Session> open, Throwable failure)
            throws InterruptedException {
        Throwable reason = failure;
        if (open.isPresent() && code(failure) == ErrorCode.STALE_SESSION) {
            try {
                if (superseded(open.get())) {
                    return;
                }
            } catch (MultiNicException e) {
                reason = e;
            }
        }
        failed(reason);
        ErrorCode code = code(reason);
        if (code == ErrorCode.NODE_RETIRED) {
            session.retired(uid);
        }
        if (code == ErrorCode.NODE_UNKNOWN || code == ErrorCode.NODE_RETIRED) {
            identity.recheck();
        }
        if (needsNewSession(code)) {
            session.drop();
        }
        Thread.sleep(timing.retry().next());
    }

    /// A new session restores what ipam-service has forgotten or never had; it does not change a batch that
    /// ipam-service rejects as invalid.
    private static boolean needsNewSession(ErrorCode code) {
        return code.kind() == ErrorKind.CALLER && code != ErrorCode.INVALID_REQUEST;
    }

    private boolean superseded(NodeSession.Session open) throws InterruptedException {
        long epoch = open.epoch();
        OptionalLong later = session.supersededBy(open);
        if (later.isEmpty()) {
            return false;
        }
        lastError = "session " + later.getAsLong() + " of this node is newer than session " + epoch + " of this agent";
        state = State.SUPERSEDED;
        log.atError()
                .addKeyValue("epoch", epoch)
                .addKeyValue("newer", later.getAsLong())
                .log("another agent runs for this node; this one sends no more events; stop one of the two");
        return true;
    }

    private static ErrorCode code(Throwable failure) {
        return failure instanceof MultiNicException known ? known.code() : ErrorCode.INTERNAL;
    }

    private void failed(Throwable reason) {
        String text = reason instanceof MultiNicException ? String.valueOf(reason.getMessage()) : reason.toString();
        boolean refused = code(reason) == ErrorCode.INVALID_REQUEST;
        if (refused && state != State.REFUSED) {
            state = State.REFUSED;
            log.atError()
                    .addKeyValue("reason", text)
                    .log("ipam-service rejects a ledger request as invalid; it is kept and retried, and later events"
                            + " wait behind it");
        } else if (lastError == null) {
            log.atWarn().addKeyValue("reason", text).log("ledger delivery failed; events are kept and sent again");
            log.debug("failure of the uplink", reason);
        }
        lastError = text;
    }
}
