package io.multinic.agent.ipam;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.PlanChange;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Fake of ipam-service for one node, as strict as the real one about sessions, sequences and revisions.
///
/// Serves `/api/v1/nodes/{node}/…` over HTTP on the loopback interface, and can simulate several faults.
public final class FakeIpamService implements AutoCloseable {
    private final JsonMapper json = JsonMapper.builder().build();
    private final String node;
    private final HttpServer server;
    private final Map<String, Long> storedThrough = new ConcurrentHashMap<>();
    private final List<LedgerEvent> stored = new ArrayList<>();
    private final List<SessionRequest> sessions = new ArrayList<>();
    private final List<LedgerBatch> reports = new ArrayList<>();
    private final List<Long> epochs = new ArrayList<>();
    private final AtomicInteger polls = new AtomicInteger();
    private @Nullable String nodeUid;
    private @Nullable String retired;
    private @Nullable NodePlan plan;
    private @Nullable PlanChange change;
    private String history = "history";
    private int changesSent;
    private boolean sessionNeeded;
    private List<Allocation> open = List.of();
    private String store = "";
    private long epoch;
    private @Nullable String token;
    private boolean down;
    private boolean answersLost;
    private boolean refusing;
    private @Nullable Runnable sessionRefused;
    private boolean stopping;
    private boolean sessionsWait;
    private long delayed;
    private long released;

    public FakeIpamService(String node) {
        this.node = node;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /// Sets the UID that the controller has put for this node; null before it does.
    public synchronized void know(@Nullable String uid) {
        nodeUid = uid;
        retired = null;
    }

    /// Retires the node; [#know] brings it back.
    public synchronized void retire() {
        retired = nodeUid;
        nodeUid = null;
        plan = null;
        notifyAll();
    }

    public synchronized void publish(NodePlan next) {
        plan = next;
        change = null;
        notifyAll();
    }

    /// Changes the plan; a poll with the revision before gets only the change.
    public synchronized void publish(PlanChange next) {
        plan = Objects.requireNonNull(plan).with(next);
        change = next;
        notifyAll();
    }

    /// Continues as another database with this plan.
    public synchronized void anotherHistory(NodePlan next) {
        sessionNeeded = false;
        history += "+";
        publish(next);
    }

    /// Continues as another database with a smaller plan; polls get SESSION_NEEDED.
    public synchronized void setBack(NodePlan smaller) {
        anotherHistory(smaller);
        sessionNeeded = true;
    }

    public synchronized int changesSent() {
        return changesSent;
    }

    /// Sets the allocations that a new journal restores.
    public synchronized void holds(List<Allocation> allocations) {
        open = List.copyOf(allocations);
    }

    /// Every request is answered with 503 while the service is down.
    public synchronized void down(boolean is) {
        down = is;
        notifyAll();
    }

    /// Every request without this token is answered with 401; null: no token is required.
    public synchronized void wants(@Nullable String bearer) {
        token = bearer;
    }

    /// Batches are stored and answered with 500 while this is set.
    public synchronized void loseAnswers(boolean is) {
        answersLost = is;
    }

    /// Every batch is rejected as invalid while this is set.
    public synchronized void refuse(boolean is) {
        refusing = is;
    }

    /// Every session is rejected as invalid from now on.
    ///
    /// @param then runs before each answer
    public synchronized void refuseSessions(Runnable then) {
        sessionRefused = then;
    }

    /// The accepted batches, with and without events.
    public synchronized List<LedgerBatch> reports() {
        return List.copyOf(reports);
    }

    /// Polls are answered at once, as by a service during its graceful shutdown.
    public synchronized void stopping(boolean is) {
        stopping = is;
        notifyAll();
    }

    /// Opens a session for another agent of the same node.
    public synchronized void anotherSession() {
        epoch++;
    }

    /// Sessions that are requested while this is set are opened by [#openDelayedSessions].
    public synchronized void delaySessions(boolean is) {
        sessionsWait = is;
    }

    /// @return number of sessions opened
    public synchronized long openDelayedSessions() throws InterruptedException {
        long until = epoch + delayed - released;
        long opened = until - epoch;
        released = delayed;
        notifyAll();
        while (epoch < until) {
            wait();
        }
        return opened;
    }

    /// Sets the database back to a state without anything of this node.
    public synchronized void loseDatabase() {
        epoch = 0;
        store = "";
        storedThrough.clear();
        stored.clear();
    }

    public synchronized List<LedgerEvent> stored() {
        return List.copyOf(stored);
    }

    public synchronized List<SessionRequest> sessions() {
        return List.copyOf(sessions);
    }

    /// Number of batches received, with any answer.
    public synchronized int batches() {
        return epochs.size();
    }

    /// Number of batches received in one session.
    public synchronized int batchesOf(long session) {
        return (int) epochs.stream().filter(each -> each == session).count();
    }

    public int polls() {
        return polls.get();
    }

    private record Answer(int status, @Nullable Object body) {}

    private record Problem(int status, String code, String detail) {}

    private static Answer problem(int status, ErrorCode code) {
        return new Answer(status, new Problem(status, code.name(), "said the fake"));
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            byte[] body = answer.body() == null ? new byte[0] : json.writeValueAsBytes(answer.body());
            exchange.getResponseHeaders()
                    .add("Content-Type", answer.status() < 300 ? "application/json" : "application/problem+json");
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Answer answer(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (down) {
            return problem(503, ErrorCode.TRY_AGAIN_LATER);
        }
        if (token != null
                && !("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return problem(401, ErrorCode.NOT_AUTHENTICATED);
        }
        String call =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        String self = "/api/v1/nodes/" + node;
        if (call.equals("POST " + self + "/session")) {
            return session(json.readValue(body, SessionRequest.class));
        } else if (call.equals("POST " + self + "/ledger")) {
            var batch = json.readValue(body, LedgerBatch.class);
            epochs.add(batch.epoch());
            return ledger(batch);
        } else if (call.equals("GET " + self + "/plan/changes")) {
            polls.incrementAndGet();
            return plan(query(exchange));
        } else if (call.equals("GET " + self)) {
            String uid = nodeUid;
            return uid == null
                    ? problem(404, ErrorCode.NODE_UNKNOWN)
                    : new Answer(200, new NodeState(node, uid, 0, epoch, 0, List.of()));
        }
        return problem(400, ErrorCode.INVALID_REQUEST);
    }

    private static Map<String, String> query(HttpExchange exchange) {
        return Stream.of(exchange.getRequestURI().getQuery().split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private Answer unknown(String uid) {
        return uid.equals(retired) ? problem(410, ErrorCode.NODE_RETIRED) : problem(404, ErrorCode.NODE_UNKNOWN);
    }

    private Answer session(SessionRequest request) throws InterruptedException {
        sessions.add(request);
        if (sessionRefused != null) {
            sessionRefused.run();
            return problem(400, ErrorCode.INVALID_REQUEST);
        }
        if (sessionsWait) {
            long number = ++delayed;
            while (number > released) {
                wait();
            }
        }
        if (!request.nodeUid().equals(nodeUid)) {
            return unknown(request.nodeUid());
        }
        epoch++;
        notifyAll();
        store = request.storeId();
        Long confirmed = request.confirmed();
        if (confirmed != null && confirmed > storedThrough.getOrDefault(store, 0L)) {
            storedThrough.put(store, confirmed);
            return new Answer(200, new SessionGrant(epoch, confirmed, List.of()));
        }
        long through = storedThrough.getOrDefault(store, 0L);
        List<Allocation> restore = through > 0
                ? List.of()
                : open.stream().filter(held -> !request.live().contains(held)).toList();
        return new Answer(200, new SessionGrant(epoch, through, restore));
    }

    private Answer ledger(LedgerBatch batch) {
        if (!batch.nodeUid().equals(nodeUid)) {
            return unknown(batch.nodeUid());
        }
        if (batch.epoch() != epoch || store.isEmpty()) {
            return problem(409, ErrorCode.STALE_SESSION);
        }
        long through = storedThrough.getOrDefault(store, 0L);
        if (refusing || batch.events().size() > 500) {
            return problem(400, ErrorCode.INVALID_REQUEST);
        }
        if (!batch.events().isEmpty() && batch.events().getFirst().sequence() > through + 1) {
            return problem(409, ErrorCode.LEDGER_GAP);
        }
        reports.add(batch);
        for (LedgerEvent event : batch.events()) {
            if (event.sequence() > through) {
                stored.add(event);
                through = event.sequence();
            }
        }
        storedThrough.put(store, through);
        return answersLost ? problem(500, ErrorCode.INTERNAL) : new Answer(200, new LedgerReceipt(through));
    }

    private Answer plan(Map<String, String> query) throws InterruptedException {
        if (nodeUid == null) {
            return problem(404, ErrorCode.NODE_UNKNOWN);
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(query.get("wait")));
        long after = Long.parseLong(query.get("after"));
        while (true) {
            boolean same = history.equals(query.get("history"));
            if (sessionNeeded && !same) {
                return problem(409, ErrorCode.SESSION_NEEDED);
            }
            if (plan != null && (!same || plan.revision() != after)) {
                return new Answer(200, news(same, after, plan));
            }
            long left = until - System.nanoTime();
            if (stopping || left <= 0) {
                return new Answer(204, null);
            }
            if (down) {
                return problem(503, ErrorCode.TRY_AGAIN_LATER);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private PlanUpdate news(boolean sameHistory, long after, NodePlan whole) {
        if (sameHistory && change != null && change.base() == after) {
            changesSent++;
            return PlanUpdate.since(history, change);
        }
        return PlanUpdate.full(history, whole);
    }
}
