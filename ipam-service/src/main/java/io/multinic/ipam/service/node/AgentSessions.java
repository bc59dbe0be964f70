package io.multinic.ipam.service.node;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.ledger.BatchChecks;
import io.multinic.ipam.ledger.LedgerChanges;
import io.multinic.ipam.ledger.LedgerFold;
import io.multinic.ipam.ledger.LiveAllocations;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.service.LookupErrors;
import io.multinic.ipam.service.ledger.LedgerWriter;
import io.multinic.ipam.store.NodeRecord;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.ledger.HoldingQueries;
import io.multinic.ipam.store.ledger.SessionRecord;
import io.multinic.ipam.store.ledger.SessionStore;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.NodeStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sessions of the nodes' agents: opens them, and stores the journal events that they send, each exactly once.
public final class AgentSessions {
    private static final Logger log = LoggerFactory.getLogger(AgentSessions.class);

    private final Transactions transactions;
    private final NodeStore nodes;
    private final SessionStore sessions;
    private final HoldingQueries holdings;
    private final LedgerWriter ledgerWriter;
    private final LineageStore lineages;
    private final PlanStatements statements;
    private final IpamMetrics metrics;
    private final InstantSource clock;

    public AgentSessions(
            Transactions transactions,
            NodeStore nodes,
            SessionStore sessions,
            HoldingQueries holdings,
            LedgerWriter ledgerWriter,
            LineageStore lineages,
            PlanStatements statements,
            IpamMetrics metrics,
            InstantSource clock) {
        this.transactions = transactions;
        this.nodes = nodes;
        this.sessions = sessions;
        this.holdings = holdings;
        this.ledgerWriter = ledgerWriter;
        this.lineages = lineages;
        this.statements = statements;
        this.metrics = metrics;
        this.clock = clock;
    }

    private record Opened(SessionGrant grant, boolean lostEvents) {}

    /// Opens the node's next session; batches of all earlier sessions are stale from now on.
    ///
    /// The agent's outbox delivers all events, so a session changes nothing in the ledger, with one exception: the
    /// ledger has fewer events than it once confirmed.
    ///
    /// The plan statement is processed first, in a transaction of its own that holds the plan lock.
    ///
    /// @throws MultiNicException NODE_UNKNOWN, NODE_RETIRED
    public SessionGrant openSession(String nodeName, SessionRequest request) {
        for (int i = 0; i < request.live().size(); i++) {
            BatchChecks.require(request.live().get(i), "live[" + i + "]");
        }
        statements.accept(nodeName, request);
        var opened = transactions.write(() -> open(requireNode(nodeName, request.nodeUid()), request));
        var event = opened.lostEvents() ? log.atWarn() : log.atInfo();
        event.addKeyValue("node", nodeName)
                .addKeyValue("nodeUid", request.nodeUid())
                .addKeyValue("store", request.storeId())
                .addKeyValue("epoch", opened.grant().epoch())
                .addKeyValue("storedThrough", opened.grant().storedThrough())
                .addKeyValue("restore", opened.grant().restore().size())
                .log(
                        opened.lostEvents()
                                ? "session opened; the ledger had lost events and was corrected by the node's report"
                                : "session opened");
        return opened.grant();
    }

    private Opened open(NodeRecord node, SessionRequest request) {
        // Batches in flight are stored before the session or rejected.
        sessions.lock(node);
        requireUnretired(node);
        SessionRecord session = sessions.open(node, request.storeId(), clock.instant());
        List<Allocation> open = holdings.open(node);
        Long confirmed = request.confirmed();
        if (request.plan() != null) {
            lineages.markReported(node);
        }
        if (confirmed != null && confirmed > session.storedThrough()) {
            replaceOpen(node, session, open, request.live());
            sessions.storedThrough(session.journalId(), confirmed);
            return new Opened(new SessionGrant(session.epoch(), confirmed, List.of()), true);
        }
        // A journal with stored events knows its allocations. A new journal needs those that the ledger has.
        List<Allocation> restore =
                session.storedThrough() > 0 ? List.of() : LiveAllocations.missing(open, request.live());
        return new Opened(new SessionGrant(session.epoch(), session.storedThrough(), restore), false);
    }

    /// Brings the ledger in line with the allocations that the node reports as live. In quarantine, nodes that have
    /// not reported may be stored as holders of addresses that they freed in lost commits: their intervals end.
    private void replaceOpen(NodeRecord node, SessionRecord session, List<Allocation> open, List<Allocation> live) {
        Set<Long> displaced = lineages.read().quarantined() ? holdings.heldByUnreportedNodes(node, live) : Set.of();
        if (!displaced.isEmpty()) {
            log.atWarn()
                    .addKeyValue("node", node.name())
                    .addKeyValue("nodeUid", node.uid())
                    .addKeyValue("addresses", displaced.size())
                    .log("node reports addresses that the ledger showed on nodes without a report");
        }
        Instant now = clock.instant();
        var events = LiveAllocations.asEvents(holdings.openClaims(node), open, live, now);
        ledgerWriter.store(session.nodeId(), session.journalId(), events, now, displaced);
    }

    /// Stores the new events of the batch and the agent's progress, in one transaction.
    ///
    /// @throws MultiNicException INVALID_REQUEST, NODE_UNKNOWN, NODE_RETIRED, STALE_SESSION, or LEDGER_GAP if
    ///     events before the batch are missing; then nothing is stored
    public LedgerReceipt append(String nodeName, LedgerBatch batch) {
        BatchChecks.require(batch);
        long start = System.nanoTime();
        var stored = transactions.write(() -> append(requireNode(nodeName, batch.nodeUid()), batch));
        metrics.stored(stored.events(), stored.changes(), Duration.ofNanos(System.nanoTime() - start));
        if (!stored.changes().conflicts().isEmpty()) {
            log.atWarn()
                    .addKeyValue("node", nodeName)
                    .addKeyValue("conflicts", stored.changes().conflicts().size())
                    .addKeyValue("first", stored.changes().conflicts().getFirst())
                    .log("events contradict the ledger");
        }
        return new LedgerReceipt(stored.storedThrough());
    }

    private record Stored(long storedThrough, int events, LedgerChanges changes) {}

    private Stored append(NodeRecord node, LedgerBatch batch) {
        Optional<SessionRecord> locked = sessions.lock(node);
        requireUnretired(node);
        SessionRecord session = locked.filter(current -> current.epoch() == batch.epoch())
                .orElseThrow(() -> new MultiNicException(
                        ErrorCode.STALE_SESSION,
                        "node " + node.name() + ": epoch " + batch.epoch()
                                + " is not that of the node's session; another agent of this node has begun a session"
                                + " since. Open a new session if this agent is the one that should run"));
        long expected = session.storedThrough() + 1;
        if (!batch.events().isEmpty() && batch.events().getFirst().sequence() > expected) {
            throw new MultiNicException(
                    ErrorCode.LEDGER_GAP,
                    "node " + node.name() + ": the batch begins with sequence "
                            + batch.events().getFirst().sequence() + ", but the ledger expects " + expected
                            + "; send the events from there on, or open a new session");
        }
        Instant received = clock.instant();
        Instant asOf = batch.asOf();
        Instant complete = asOf == null ? null : LedgerFold.effective(asOf, received);
        sessions.recordContact(session, received, complete, batch.planRevision());
        List<LedgerEvent> fresh = batch.events().stream()
                .filter(event -> event.sequence() >= expected)
                .toList();
        if (fresh.isEmpty()) {
            return new Stored(session.storedThrough(), 0, LedgerChanges.NONE);
        }
        LedgerChanges changes = store(session, fresh);
        long storedThrough = fresh.getLast().sequence();
        sessions.storedThrough(session.journalId(), storedThrough);
        return new Stored(storedThrough, fresh.size(), changes);
    }

    private LedgerChanges store(SessionRecord session, List<LedgerEvent> events) {
        return ledgerWriter.store(session.nodeId(), session.journalId(), events, clock.instant());
    }

    /// Finds the node by UID: an agent whose node lost its name to another machine still has events to deliver.
    private NodeRecord requireNode(String name, String uid) {
        NodeRecord node = nodes.findByUid(uid)
                .filter(known -> known.name().equals(name))
                .orElseThrow(() -> LookupErrors.nodeUnknown(name + " with UID " + uid));
        if (node.retired()) {
            throw LookupErrors.nodeRetired(node);
        }
        return node;
    }

    /// Checks again after waiting for the session's lock, which a retirement may have held.
    private void requireUnretired(NodeRecord node) {
        if (nodes.isRetired(node)) {
            throw LookupErrors.nodeRetired(node);
        }
    }
}
