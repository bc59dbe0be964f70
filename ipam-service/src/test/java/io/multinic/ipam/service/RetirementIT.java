package io.multinic.ipam.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Retirement of nodes, in particular of dead machines whose pods held addresses.
class RetirementIT {
    private static final TypeReference<List<AllocationInterval>> INTERVALS = new TypeReference<>() {};
    private static final TypeReference<List<AuditEvent>> EVENTS = new TypeReference<>() {};
    private static final String GONE = "/api/v1/nodes/node1?uid=uid-1&gone=true";

    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();

    @BeforeEach
    void twoNodes() throws SQLException {
        database.clear();
        rest.put("/api/v1/networks/net", Samples.network("net"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node2", Samples.node(2));
    }

    private SessionGrant session(int node, long confirmed, Allocation... live) {
        return rest.post(
                        "/api/v1/nodes/node" + node + "/session",
                        new SessionRequest("uid-" + node, "s", confirmed, List.of(live)))
                .as(SessionGrant.class);
    }

    private void store(int node, long epoch, LedgerEvent... events) {
        rest.post("/api/v1/nodes/node" + node + "/ledger", Samples.batch(node, epoch, events))
                .as(LedgerReceipt.class);
    }

    /// Moves the last report of every node ten minutes into the past.
    private void silence() throws SQLException {
        database.execute("UPDATE session SET opened_at = now() - interval '10 minutes',"
                + " heard_at = heard_at - interval '10 minutes'");
    }

    private static <T> T items(JsonNode page, TypeReference<T> type) {
        return JsonMapper.shared().convertValue(page.path("items"), type);
    }

    private List<String> blocks(int node) {
        return rest
                .get("/api/v1/nodes/node" + node + "/plan")
                .as(NodePlan.class)
                .networks()
                .getFirst()
                .blocks()
                .stream()
                .map(block -> block.podBlock().toString())
                .toList();
    }

    private List<AllocationInterval> audit(String query) {
        return items(rest.get("/api/v1/audit?" + query).json(), INTERVALS);
    }

    private List<AuditEvent> retirements() {
        return items(rest.get("/api/v1/audit/actions?action=NODE_RETIRED").json(), EVENTS);
    }

    @Test
    void intervalsEndWhenTheNodeIsGoneAndSilent() throws SQLException {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"), Samples.allocated(2, "192.168.64.4", "b"));
        silence();
        Instant before = Instant.now();
        assertThat(rest.delete(GONE).status()).isEqualTo(204);
        assertThat(audit("open=true")).isEmpty();
        assertThat(audit("node=node1"))
                .extracting(AllocationInterval::to)
                .hasSize(2)
                .allSatisfy(end -> assertThat(end).isBetween(before, Instant.now()));
        assertThat(retirements()).singleElement().satisfies(event -> {
            assertThat(event.object()).isEqualTo("uid-1");
            assertThat(event.details()).containsEntry("gone", true).containsEntry("addressesEnded", 2);
            assertThat(Instant.parse((String) event.details().get("lastHeard"))).isBefore(before.minusSeconds(500));
        });
        assertThat(rest.delete(GONE).status()).isEqualTo(204);
        assertThat(retirements()).as("audited once").hasSize(1);
    }

    @Test
    void indexesOfRetiredNodeAreReused() throws SQLException {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
        silence();
        rest.delete(GONE);
        rest.put("/api/v1/nodes/node3", Samples.node(3));
        assertThat(blocks(3)).contains("192.168.0.0/24");
    }

    @Test
    void nodeWithRecentReportIsNotRetiredAsGone() throws SQLException {
        long epoch = session(1, 0).epoch();
        silence();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
        var answer = rest.delete(GONE);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("IN_USE");
        assertThat(answer.detail()).contains("spoke at", "try again in 1").doesNotContain("gone=true");
        assertThat(audit("open=true")).hasSize(1);
        assertThat(rest.get("/api/v1/nodes/node1").as(NodeState.class).nodeUid())
                .isEqualTo("uid-1");
        assertThat(retirements()).isEmpty();
        database.execute("UPDATE session SET heard_at = now() - interval '121 seconds'");
        assertThat(rest.delete(GONE).status()).isEqualTo(204);
    }

    @Test
    void sessionCountsAsReport() {
        session(1, 0);
        assertThat(rest.delete(GONE).code()).isEqualTo("IN_USE");
    }

    @Test
    void silentNodeWithAddressesIsNotRetiredUnlessGone() throws SQLException {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
        silence();
        var answer = rest.delete("/api/v1/nodes/node1?uid=uid-1");
        assertThat(answer.code()).isEqualTo("IN_USE");
        assertThat(answer.detail()).contains("gone=true");
        assertThat(audit("open=true")).hasSize(1);
    }

    @Test
    void retirementAsGoneNeedsUid() {
        assertThat(rest.delete("/api/v1/nodes/node1?gone=true").code()).isEqualTo("INVALID_REQUEST");
        assertThat(rest.delete("/api/v1/nodes/node1?uid=uid-1&gone=perhaps").code())
                .isEqualTo("INVALID_REQUEST");
    }

    @Test
    void waitingClaimGetsTheAddressOfRetiredNode() throws SQLException {
        long one = session(1, 0).epoch();
        long two = session(2, 0).epoch();
        store(1, one, Samples.allocated(1, "192.168.0.4", "a"));
        store(2, two, Samples.allocated(1, "192.168.1.4", "b"), Samples.allocated(2, "192.168.0.4", "c"));
        store(1, one, Samples.allocated(2, "192.168.1.4", "d"), Samples.allocated(3, "192.168.0.4", "e"));
        silence();
        assertThat(rest.delete(GONE).status()).isEqualTo(204);
        assertThat(audit("open=true"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactlyInAnyOrder("b", "c");
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .as("no claim waits")
                .isZero();
    }

    /// A node's claim to its own address, left by a lost FREED event, must not become an interval.
    @Test
    void claimOfRetiredNodeToItsOwnAddressIsResolved() throws SQLException {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"), Samples.allocated(2, "192.168.0.4", "b"));
        silence();
        assertThat(rest.delete(GONE).status()).isEqualTo(204);
        assertThat(audit("node=node1"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactly("a");
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isZero();
    }

    @Test
    void returningAgentGetsNodeRetired() throws SQLException {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
        silence();
        rest.delete(GONE);
        var session = rest.post("/api/v1/nodes/node1/session", new SessionRequest("uid-1", "s", 1L, List.of()));
        assertThat(session.status()).isEqualTo(410);
        assertThat(session.code()).isEqualTo("NODE_RETIRED");
        assertThat(session.detail()).contains("node1", "uid-1", "blocks may be another node's");
        var batch = rest.post(
                "/api/v1/nodes/node1/ledger", Samples.batch(1, epoch, Samples.allocated(2, "192.168.0.5", "b")));
        assertThat(batch.code()).isEqualTo("NODE_RETIRED");
        assertThat(rest.get("/api/v1/nodes/node1/plan").code()).isEqualTo("NODE_UNKNOWN");
        rest.put("/api/v1/nodes/node1", Samples.node(4));
        assertThat(rest.post("/api/v1/nodes/node1/session", new SessionRequest("uid-1", "s", 1L, List.of()))
                        .code())
                .as("another machine with the same name")
                .isEqualTo("NODE_RETIRED");
    }

    @Test
    void sessionAfterReturnRestoresStatedAllocations() throws SQLException {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"), Samples.allocated(2, "192.168.0.5", "b"));
        silence();
        rest.delete(GONE);
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        var late =
                rest.post("/api/v1/nodes/node1/ledger", Samples.batch(1, epoch, Samples.freed(3, "192.168.0.5", "b")));
        assertThat(late.code()).as("the journal has ended").isEqualTo("STALE_SESSION");
        assertThat(rest.get("/api/v1/nodes/node1").as(NodeState.class).epoch())
                .as("no new session")
                .isEqualTo(epoch);

        var grant = session(1, 2, Samples.allocation("net", "192.168.0.4", "a"));
        assertThat(grant.epoch()).isEqualTo(epoch + 1);
        assertThat(grant.storedThrough()).isEqualTo(2);
        assertThat(audit("open=true"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactly("a");
        store(1, grant.epoch(), Samples.freed(3, "192.168.0.4", "a"));
        assertThat(audit("open=true")).isEmpty();
        assertThat(database.count("SELECT count(*) FROM conflict")).isZero();
    }

    @Test
    void returningNodeWithoutIntervalsContinuesItsJournal() {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"), Samples.freed(2, "192.168.0.4", "a"));
        assertThat(rest.delete("/api/v1/nodes/node1").status()).isEqualTo(204);
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        store(1, epoch, Samples.allocated(3, "192.168.0.4", "b"));
        assertThat(audit("open=true")).hasSize(1);
    }

    /// A request that arrives during the retirement is refused, because the block may already be another node's.
    @ParameterizedTest
    @ValueSource(strings = {"ledger", "session"})
    void requestDuringRetirementIsRefused(String what) throws Exception {
        long epoch = session(1, 0).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"), Samples.freed(2, "192.168.0.4", "a"));
        database.execute("UPDATE journal SET stored_through = 1");
        Object body = what.equals("ledger")
                ? Samples.batch(1, epoch, Samples.allocated(2, "192.168.0.4", "b"))
                : new SessionRequest("uid-1", "s", 2L, List.of(Samples.allocation("net", "192.168.0.4", "b")));
        try (var other = database.connect();
                var sql = other.createStatement();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // A plan change waits for this row; the retirement has locked the session by then.
            other.setAutoCommit(false);
            sql.execute("SELECT FROM interface_index FOR UPDATE");
            var retired = threads.submit(() -> rest.delete("/api/v1/nodes/node1?uid=uid-1"));
            awaitWaiting(1);
            var late = threads.submit(() -> rest.post("/api/v1/nodes/node1/" + what, body));
            awaitWaiting(2);
            other.rollback();
            assertThat(retired.get().status()).isEqualTo(204);
            assertThat(late.get().code()).isEqualTo("NODE_RETIRED");
        }
        assertThat(audit("open=true")).isEmpty();
    }

    private void awaitWaiting(int transactions) throws SQLException, InterruptedException {
        String waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND wait_event_type = 'Lock'";
        for (int i = 0; database.count(waiting) < transactions; i++) {
            assertThat(i).as("waiting transactions").isLessThan(500);
            Thread.sleep(10);
        }
    }

    @Test
    void indexOfRetiredNodeIsNotReusedWhileAddressInItsBlockIsHeld() {
        long epoch = session(2, 0).epoch();
        store(2, epoch, Samples.allocated(1, "192.168.0.4", "b"));
        assertThat(rest.delete("/api/v1/nodes/node1?uid=uid-1").status()).isEqualTo(204);
        rest.put("/api/v1/nodes/node3", Samples.node(3));
        assertThat(blocks(3)).containsExactly("192.168.2.0/24", "192.168.64.0/24");
        store(2, epoch, Samples.freed(2, "192.168.0.4", "b"));
        rest.put("/api/v1/nodes/node4", Samples.node(4));
        assertThat(blocks(4)).containsExactly("192.168.0.0/24", "192.168.66.0/24");
    }
}
