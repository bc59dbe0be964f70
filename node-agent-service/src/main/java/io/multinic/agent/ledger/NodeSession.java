package io.multinic.agent.ledger;

import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.plan.KnownPlan;
import io.multinic.agent.plan.PlanCache;
import io.multinic.agent.plan.PlanFollower;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's session at ipam-service: opens it, restores the journal from it, and detects that it was superseded.
///
/// Each session states the addresses that the node holds and the blocks of its last plan. An agent has one session for
/// each run, and another one when ipam-service no longer knows it, when one is requested, or when the UID of the node
/// changes. A session is superseded when a later session of the same node was opened by another agent. A superseded
/// agent never opens a session again: two agents that take the node from each other would never stop.
///
/// [LedgerUplink] opens sessions and reports their failures, on its thread. Any thread may request a session and wait
/// for it.
public final class NodeSession implements PlanFollower.Sessions {
    private static final Logger log = LoggerFactory.getLogger(NodeSession.class);

    private final NodeIpamClient ipam;
    private final Outbox outbox;
    private final PlanCache plans;
    private final InstantSource clock;
    private final List<Consumer<String>> retirementListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> requestListeners = new CopyOnWriteArrayList<>();

    private final Requests requests = new Requests();
    /// Used by the uplink's thread only, like `unanswered`.
    private @Nullable Session current;
    /// Requests to open a session that got no answer. ipam-service may open each of them at any later time.
    private long unanswered;

    /// An open session.
    ///
    /// @param uid of the node, as stated when the session was opened
    record Session(String uid, long epoch) {}

    public NodeSession(NodeIpamClient ipam, Outbox outbox, PlanCache plans, InstantSource clock) {
        this.ipam = ipam;
        this.outbox = outbox;
        this.plans = plans;
        this.clock = clock;
    }

    /// Requests for sessions, in the order of their numbers. The session that each run begins with is request 1.
    private static final class Requests {
        private long newest = 1;
        private long served;
        private boolean ended;

        /// Requests a session, unless one is requested already.
        synchronized void request() {
            newest = Math.max(newest, served + 1);
        }

        /// Requests a session of its own: one that is being opened may have stated what was true before.
        synchronized long requestAnother() {
            return ++newest;
        }

        synchronized long newest() {
            return newest;
        }

        synchronized boolean pending() {
            return newest > served;
        }

        synchronized void served(long request) {
            served = request;
            notifyAll();
        }

        /// No session will be opened any more.
        synchronized void end() {
            ended = true;
            notifyAll();
        }

        /// Waits until a session was opened for the request, or none will be.
        synchronized void await(long request) throws InterruptedException {
            while (served < request && !ended) {
                wait();
            }
        }
    }

    @Override
    public void awaitFirst() throws InterruptedException {
        requests.await(1);
    }

    @Override
    public void request() {
        requests.request();
        requestListeners.forEach(Runnable::run);
    }

    @Override
    public void awaitNext() throws InterruptedException {
        long request = requests.requestAnother();
        requestListeners.forEach(Runnable::run);
        requests.await(request);
    }

    @Override
    public void onRetired(Consumer<String> listener) {
        retirementListeners.add(listener);
    }

    /// Called with each request for a session; must not block.
    void onRequest(Runnable listener) {
        requestListeners.add(listener);
    }

    /// The session to deliver in; empty if one must be opened first.
    Optional<Session> current(String uid) {
        return Optional.ofNullable(current)
                .filter(session -> session.uid().equals(uid))
                .filter(_ -> !requests.pending());
    }

    /// Opens a session and brings the journal in line with the ledger: restores what a new journal does not know,
    /// and drops events that the ledger has.
    void open(String uid) throws InterruptedException {
        long request = requests.newest();
        // Read before what is held: what is confirmed in between only makes the number too small.
        long confirmed = outbox.confirmed();
        SessionGrant grant = open(new SessionRequest(uid, outbox.storeId(), confirmed, outbox.live(), statement(uid)));
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
        current = new Session(uid, grant.epoch());
        requests.served(request);
    }

    /// Opens a session for a journal whose file was set back to an earlier state of itself. The ledger would take
    /// the numbers of its next events for those of events that it has, and it knows of addresses that pods hold and
    /// that this journal would assign again.
    private SessionGrant openWithNewStoreId(String uid, SessionGrant refused) throws InterruptedException {
        String storeId = UUID.randomUUID().toString();
        SessionGrant grant = open(new SessionRequest(uid, storeId, 0L, outbox.live(), statement(uid)));
        log.atWarn()
                .addKeyValue("written", outbox.written())
                .addKeyValue("storedThrough", refused.storedThrough())
                .addKeyValue("restored", grant.restore().size())
                .log("journal was set back to an earlier state: the ledger has events that it lost; it continues as a"
                        + " new journal with the addresses that the ledger shows as held here");
        outbox.renewStoreId(storeId, grant.restore(), clock.instant());
        return grant;
    }

    private SessionGrant open(SessionRequest request) throws InterruptedException {
        try {
            return ipam.openSession(request);
        } catch (NodeIpamClient.NoAnswerException e) {
            unanswered++;
            throw e;
        }
    }

    /// The blocks of the last plan; none if it is the plan of another UID, which says nothing about this node.
    private PlanStatement statement(String uid) {
        return plans.loadWithoutPeers()
                .filter(known -> known.plan().nodeUid().equals(uid))
                .map(KnownPlan::statement)
                .orElseGet(() -> new PlanStatement("", 0, List.of()));
    }

    /// Ends the session on this side; the next delivery opens another one.
    void drop() {
        current = null;
    }

    /// Finds out whether another agent has superseded the session; to be called when ipam-service calls it stale.
    ///
    /// It has not if ipam-service knows only earlier sessions, because its database was set back. Neither has it if
    /// no more sessions are later than those that this agent requested without an answer.
    ///
    /// @return the epoch of the later session; empty if the session was not superseded
    OptionalLong supersededBy(Session session) throws InterruptedException {
        long present = ipam.epoch();
        long later = present - session.epoch();
        if (later <= 0) {
            return OptionalLong.empty();
        }
        if (later <= unanswered) {
            unanswered -= later;
            return OptionalLong.empty();
        }
        requests.end();
        return OptionalLong.of(present);
    }

    /// Passes on that ipam-service has retired the node.
    void retired(String uid) {
        try {
            retirementListeners.forEach(listener -> listener.accept(uid));
        } catch (RuntimeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("uid", uid)
                    .log("retirement of the node cannot be applied; it is retried");
        }
    }
}
