package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.AuditPage;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.QuarantineRequest;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.service.node.Quarantine;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.SimulatedAgent;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;

/// Quarantine started by an administrator: permitted and delayed operations, and conflicts between nodes.
class QuarantineIT {
    private static final PlanStatement NOTHING = new PlanStatement("", 0, List.of());
    private static final Database DATABASE = TestPostgres.newDatabase();
    private static TestService service;
    private static Rest rest;

    @BeforeAll
    static void start() {
        service = TestService.on(
                DATABASE, "--multi-nic.ipam.quarantine.at-least=0s", "--multi-nic.ipam.quarantine.look=50ms");
        rest = service.rest();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void clear() throws SQLException {
        DATABASE.clear();
        DATABASE.execute("UPDATE lineage SET since = NULL, ended = NULL, reason = '', forebears = '{}'");
        assertThat(rest.put("/api/v1/networks/net", Samples.network("net")).status())
                .isEqualTo(200);
    }

    private static SimulatedAgent join(int n) {
        assertThat(rest.put("/api/v1/nodes/node" + n, Samples.node(n)).status()).isEqualTo(204);
        var agent = new SimulatedAgent(n, () -> rest, 1);
        assertThat(agent.openSession()).isEqualTo(200);
        assertThat(agent.poll()).isEqualTo(200);
        return agent;
    }

    private static QuarantineState begin() {
        return rest.post("/api/v1/quarantine", new QuarantineRequest("a backup was restored"))
                .as(QuarantineState.class);
    }

    private static QuarantineState state() {
        return rest.get("/api/v1/quarantine").as(QuarantineState.class);
    }

    private static void await(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(condition::getAsBoolean);
    }

    private static long blocks() throws SQLException {
        return DATABASE.count("SELECT count(*) FROM block");
    }

    @Test
    void freshDatabaseIsNotInQuarantine() {
        var state = state();
        assertThat(state.active()).isFalse();
        assertThat(state.since()).isNull();
        assertThat(state.ended()).isNull();
        assertThat(state.waiting()).isZero();
    }

    @Test
    void quarantineWaitsForEveryNodeThatIsNotRetired() throws SQLException {
        SimulatedAgent one = join(1);
        SimulatedAgent two = join(2);
        rest.delete("/api/v1/nodes/node2");
        SimulatedAgent three = join(3);
        QuarantineState started = begin();
        assertThat(started.active()).isTrue();
        assertThat(started.since()).isNotNull();
        assertThat(started.ended()).isNull();
        assertThat(started.reason()).isEqualTo("a backup was restored");
        assertThat(started.waitingFor())
                .containsExactly(
                        new QuarantineState.Waiting("node1", "uid-1"), new QuarantineState.Waiting("node3", "uid-3"));
        assertThat(begin())
                .as("a second request continues the active quarantine")
                .isEqualTo(started);

        long before = blocks();
        rest.put("/api/v1/nodes/node2", Samples.node(2));
        assertThat(blocks()).isEqualTo(before);
        assertThat(state().waiting()).isEqualTo(3);
        for (SimulatedAgent agent : List.of(one, three, two)) {
            assertThat(state().active()).isTrue();
            assertThat(agent.poll()).isEqualTo(409);
            assertThat(agent.openSession()).isEqualTo(200);
        }
        await("the end", () -> !state().active());
        assertThat(state().ended()).isNotNull();
        assertThat(blocks()).isEqualTo(before + 2);
        assertThat(rest.get("/api/v1/networks/net").as(NetworkState.class).unplaced())
                .isEmpty();
        assertThat(List.of(one.poll(), two.poll(), three.poll())).containsOnly(200);
    }

    /// A plan without the blocks of nodes that have not reported yet would cut off their pods.
    @Test
    void nodeThatReportedKeepsItsPlanDuringQuarantine() {
        SimulatedAgent one = join(1);
        SimulatedAgent two = join(2);
        begin();
        NodePlan before = one.plan();
        assertThat(one.openSession()).isEqualTo(200);
        assertThat(one.poll()).isEqualTo(204);
        var later = one.pollLater(60);
        assertThat(rest.get("/api/v1/nodes/node1/plan/changes").status()).isEqualTo(200);
        assertThat(later).isNotDone();
        assertThat(one.plan()).isEqualTo(before);

        assertThat(two.openSession()).isEqualTo(200);
        await("the end", () -> !state().active());
        await("the answer of the poll", later::isDone);
        assertThat(later.join().status()).isEqualTo(200);
    }

    @Test
    void quarantineEndsWhenTheLastMissingNodeIsRetired() {
        join(1);
        begin();
        rest.delete("/api/v1/nodes/node1");
        await("the end", () -> !state().active());
    }

    @Test
    void sessionWithoutBlocksDoesNotCountInQuarantine() {
        join(1);
        begin();
        var old = new SessionRequest("uid-1", "store-uid-1", 0L, List.of());
        assertThat(rest.post("/api/v1/nodes/node1/session", old).status()).isEqualTo(200);
        assertThat(state().waiting()).isEqualTo(1);
    }

    @Test
    void ledgerAcceptsEventsDuringQuarantine() {
        SimulatedAgent agent = join(1);
        begin();
        agent.churn(5);
        assertThat(agent.send()).isEqualTo(200);
        assertThat(rest.get("/api/v1/networks/net/blocks").status()).isEqualTo(200);
    }

    @Test
    void editThatRemovesBlocksIsRefusedDuringQuarantine() {
        SimulatedAgent agent = join(1);
        join(2);
        begin();
        var moved = new NetworkDefinition(
                "net",
                List.of(Cidr.parse("192.168.0.0/16")),
                List.of(Cidr.parse("10.0.1.0/24")),
                2,
                6,
                List.of(Cidr.parse("192.168.0.0/24")),
                true);
        var refused = rest.put("/api/v1/networks/net", moved);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("QUARANTINED");
        assertThat(refused.detail()).contains("node");
        var deleted = rest.delete("/api/v1/networks/net");
        assertThat(deleted.status()).isEqualTo(409);
        assertThat(deleted.code()).isEqualTo("QUARANTINED");
        var more = Samples.network("net", "192.168.0.0/16", 6, "192.168.40.0/24");
        assertThat(rest.put("/api/v1/networks/net", more).status()).isEqualTo(200);

        assertThat(agent.openSession()).isEqualTo(200);
        assertThat(rest.put("/api/v1/networks/net", moved).detail()).contains("keeps its plan");
        rest.delete("/api/v1/nodes/node2");
        await("the end", () -> !state().active());
        assertThat(rest.put("/api/v1/networks/net", moved).status()).isEqualTo(200);
    }

    private static StatedBlock block(int hostIndex) {
        return new StatedBlock(
                "net",
                0,
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                hostIndex,
                Cidr.parse("192.168.0.0/18"),
                Cidr.parse("192.168." + hostIndex + ".0/24"));
    }

    private static SessionRequest states(int node, StatedBlock... blocks) {
        var plan = new PlanStatement("", 7, List.of(blocks));
        return new SessionRequest("uid-" + node, "store", 0L, List.of(), plan);
    }

    @Test
    void firstNodeStatingBlockKeepsItAndTheSecondIsUnsettled() throws SQLException {
        join(1);
        join(2);
        begin();
        assertThat(rest.post("/api/v1/nodes/node1/session", states(1, block(7))).status())
                .isEqualTo(200);
        assertThat(rest.post("/api/v1/nodes/node2/session", states(2, block(7))).status())
                .isEqualTo(200);
        await("the end", () -> !state().active());
        assertThat(DATABASE.count("SELECT count(*) FROM block JOIN host_index h ON h.id = host_index_id"
                        + " JOIN node ON node.id = h.node_id WHERE cidr = '192.168.7.0/24' AND uid = 'uid-1'"))
                .isEqualTo(1);
        assertThat(state().unsettled()).singleElement().satisfies(one -> {
            assertThat(one.node()).isEqualTo("node2");
            assertThat(one.block()).isEqualTo(block(7));
            assertThat(one.reason()).contains("node UID uid-1");
        });
        await(
                "the gauge",
                () -> service.bean(io.micrometer.core.instrument.MeterRegistry.class)
                                .get(IpamMetrics.UNSETTLED_BLOCKS)
                                .gauge()
                                .value()
                        == 1);
        rest.delete("/api/v1/nodes/node2");
        assertThat(state().unsettled()).isEmpty();
    }

    @Test
    void blocksOfUnknownNodeAreKeptUntilItIsDefined() throws SQLException {
        join(1);
        begin();
        var unknown = rest.post("/api/v1/nodes/node5/session", states(5, block(0), block(3)));
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo("NODE_UNKNOWN");
        assertThat(state().unsettled()).hasSize(2);

        assertThat(rest.put("/api/v1/nodes/node5", Samples.node(5)).status()).isEqualTo(204);
        assertThat(DATABASE.count("SELECT count(*) FROM block JOIN host_index h ON h.id = host_index_id"
                        + " JOIN node ON node.id = h.node_id WHERE cidr = '192.168.3.0/24' AND uid = 'uid-5'"))
                .isEqualTo(1);
    }

    @Test
    void blockOfAnotherLayoutIsReservedUntilItsDefinitionReturns() throws SQLException {
        join(1);
        begin();
        var narrow = new StatedBlock(
                "net",
                0,
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                5,
                Cidr.parse("192.168.0.0/18"),
                Cidr.parse("192.168.1.64/26"));
        rest.post("/api/v1/nodes/node1/session", states(1, narrow));
        await("the end", () -> !state().active());
        assertThat(state().unsettled())
                .singleElement()
                .satisfies(one -> assertThat(one.reason()).contains("as it is defined now"));
        join(2);
        join(3);
        assertThat(DATABASE.count("SELECT count(*) FROM block WHERE cidr && '192.168.1.64/26'"))
                .as("the next free block would have been 192.168.1.0/24")
                .isZero();

        assertThat(rest.put("/api/v1/networks/net", Samples.network("net", "192.168.0.0/16", 8))
                        .status())
                .isEqualTo(200);
        assertThat(state().unsettled()).isEmpty();
        assertThat(DATABASE.count("SELECT count(*) FROM block JOIN host_index h ON h.id = host_index_id"
                        + " JOIN node ON node.id = h.node_id WHERE cidr = '192.168.1.64/26' AND uid = 'uid-1'"))
                .isEqualTo(1);
    }

    /// The database has lost the network; its subnet now belongs to another network.
    @Test
    void blockOfUnknownNetworkIsAssignedToNoOtherNetwork() throws SQLException {
        join(1);
        begin();
        var lost = new StatedBlock(
                "lost",
                9,
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                0,
                Cidr.parse("172.16.0.0/18"),
                Cidr.parse("172.16.0.0/24"));
        assertThat(rest.post("/api/v1/nodes/node1/session", states(1, lost)).status())
                .isEqualTo(200);
        assertThat(rest.put("/api/v1/networks/other", Samples.network("other", "172.16.0.0/16", 6))
                        .status())
                .isEqualTo(200);
        await("the end", () -> !state().active());
        join(2);
        assertThat(DATABASE.count("SELECT count(*) FROM block JOIN network ON network.id = network_id"
                        + " WHERE name = 'other' AND cidr <> '172.16.0.0/24'"))
                .isPositive();
        assertThat(DATABASE.count("SELECT count(*) FROM block WHERE cidr && '172.16.0.0/24'"))
                .isZero();
        rest.delete("/api/v1/networks/other");
    }

    @Test
    void quarantineEndedByAdminIsFinalForLateNodes() throws SQLException {
        SimulatedAgent late = join(1);
        begin();
        rest.put("/api/v1/nodes/node2", Samples.node(2));
        assertThat(rest.delete("/api/v1/quarantine").status()).isEqualTo(400);
        var ended =
                rest.delete("/api/v1/quarantine?reason=node1%20burnt%20down").as(QuarantineState.class);
        assertThat(ended.active()).isFalse();
        assertThat(blocks()).isEqualTo(4);

        assertThat(late.poll()).as("a session is required before the plan").isEqualTo(409);
        rest.post("/api/v1/nodes/node1/session", states(1, block(1), block(9)));
        assertThat(state().unsettled())
                .extracting(one -> one.block().hostIndex())
                .containsExactly(1, 9);
        assertThat(late.poll()).isEqualTo(200);
        assertThat(rest.delete("/api/v1/quarantine?forget=true&reason=nobody%20has%20them")
                        .as(QuarantineState.class)
                        .unsettled())
                .isEmpty();
    }

    @Test
    void startAndEndOfQuarantineAreAudited() throws SQLException {
        join(1); // otherwise no node is missing and the quarantine may end by itself
        begin();
        rest.delete("/api/v1/quarantine?reason=enough");
        for (var expected : Map.of(
                        AuditAction.QUARANTINE_BEGUN, "a backup was restored", AuditAction.QUARANTINE_ENDED, "enough")
                .entrySet()) {
            assertThat(DATABASE.count("SELECT count(*) FROM audit_event WHERE action = '" + expected.getKey()
                            + "' AND reason = '" + expected.getValue() + "' AND caller = 'anonymous'"))
                    .isEqualTo(1);
        }
    }

    @Test
    void reasonIsRequired() {
        assertThat(rest.post("/api/v1/quarantine", "{\"reason\": \" \"}").status())
                .isEqualTo(400);
        assertThat(rest.post("/api/v1/quarantine", "{}").status()).isEqualTo(400);
        assertThat(rest.delete("/api/v1/quarantine?reason=").status()).isEqualTo(400);
        assertThat(state().active()).isFalse();
    }

    private static long epoch(int node, SessionRequest request) {
        return rest.post("/api/v1/nodes/node" + node + "/session", request)
                .as(SessionGrant.class)
                .epoch();
    }

    private static void store(int node, LedgerEvent... events) {
        assertThat(rest.put("/api/v1/nodes/node" + node, Samples.node(node)).status())
                .isEqualTo(204);
        long epoch = epoch(node, new SessionRequest("uid-" + node, "store", 0L, List.of(), NOTHING));
        rest.post("/api/v1/nodes/node" + node + "/ledger", Samples.batch(node, epoch, events))
                .as(LedgerReceipt.class);
    }

    /// Container, node and the mark of an ended interval, newest first.
    private static List<String> holders(String address) {
        return rest.get("/api/v1/addresses/" + address).as(AuditPage.class).items().stream()
                .map(interval -> interval.allocation().containerId() + " on " + interval.node()
                        + (interval.to() == null ? "" : " (ended)"))
                .toList();
    }

    private static List<String> openClaims() {
        return rest.get("/api/v1/conflicts?open=true").as(new TypeReference<Page<Conflict>>() {}).items().stream()
                .map(conflict -> conflict.kind() + " " + conflict.allocation().containerId() + " on " + conflict.node())
                .toList();
    }

    /// The session of node2 after it got the block of node1. The database has lost the retirement of node1 and the
    /// events of node2.
    private static SessionRequest node2AfterTheLoss() {
        var live = List.of(
                Samples.allocation("net", "192.168.0.4", "x"),
                Samples.allocation("net", "192.168.0.5", "y"),
                Samples.allocation("net", "192.168.2.4", "z"));
        return new SessionRequest("uid-2", "store", 3L, live, new PlanStatement("", 7, List.of(block(0))));
    }

    private static void threeNodesBeforeTheLoss() {
        store(
                1,
                Samples.allocated(1, "192.168.0.4", "a"),
                Samples.allocated(2, "192.168.0.5", "b"),
                Samples.allocated(3, "192.168.0.6", "c"));
        store(2);
        store(3, Samples.allocated(1, "192.168.2.4", "d"));
    }

    @Test
    void statedHolderReplacesThoseOfUnreportedNodesDuringQuarantine() throws SQLException {
        threeNodesBeforeTheLoss();
        begin();
        epoch(
                3,
                new SessionRequest(
                        "uid-3", "store", 1L, List.of(Samples.allocation("net", "192.168.2.4", "d")), NOTHING));
        epoch(2, node2AfterTheLoss());

        assertThat(DATABASE.count("SELECT count(*) FROM block JOIN host_index h ON h.id = host_index_id"
                        + " JOIN node ON node.id = h.node_id WHERE cidr = '192.168.0.0/24' AND uid = 'uid-2'"))
                .isEqualTo(1);
        assertThat(holders("192.168.0.4")).containsExactly("x on node2", "a on node1 (ended)");
        assertThat(holders("192.168.0.5")).containsExactly("y on node2", "b on node1 (ended)");
        assertThat(holders("192.168.0.6")).as("no other node states it").containsExactly("c on node1");
        assertThat(holders("192.168.2.4")).as("node3 has reported").containsExactly("d on node3");
        assertThat(openClaims()).containsExactly("ADDRESS_HELD z on node2");
    }

    private static int numberAfter(int node, int hostIndex, int stated) {
        var of = block(hostIndex);
        var renumbered = new StatedBlock(
                of.network(),
                stated,
                of.nic(),
                of.masterNet(),
                of.interfaceIndex(),
                of.hostIndex(),
                of.interfaceBlock(),
                of.podBlock());
        epoch(node, states(node, renumbered));
        return rest.get("/api/v1/networks/net").as(NetworkState.class).number();
    }

    @Test
    void firstStatedNumberWinsDuringQuarantine() {
        join(1);
        join(2);
        begin();
        assertThat(numberAfter(1, 0, 5)).isEqualTo(5);
        assertThat(numberAfter(2, 1, 6)).as("node1 has reported the number").isEqualTo(5);
    }

    @Test
    void impossibleNetworkNumberIsRefused() {
        join(1);
        begin();
        for (int number : new int[] {Integer.MAX_VALUE, 1 << 24}) {
            var answer = rest.post(
                    "/api/v1/nodes/node1/session",
                    session("net", "eth1", 0, "192.168.1.0/24").replace("\"number\": 0", "\"number\": " + number));
            assertThat(answer.status()).as(answer.detail()).isEqualTo(400);
            assertThat(answer.detail()).contains("plan.blocks.number is " + number);
        }
    }

    @Test
    void quarantineIsEndedOnceByConcurrentReplicas() throws Exception {
        join(1);
        begin();
        var quarantine = service.bean(Quarantine.class);
        try (var other = DATABASE.connect();
                var sql = other.createStatement();
                var replicas = Executors.newVirtualThreadPerTaskExecutor()) {
            other.setAutoCommit(false);
            sql.execute("SELECT FROM lineage FOR UPDATE");
            DATABASE.execute("UPDATE node SET spoke_in = generation FROM lineage");
            var looks = List.of(replicas.submit(quarantine::check), replicas.submit(quarantine::check));
            Thread.sleep(300);
            long before = DATABASE.count("SELECT last_value FROM plan_revision");
            other.rollback();
            for (var look : looks) {
                look.get();
            }
            assertThat(state().active()).isFalse();
            assertThat(DATABASE.count("SELECT last_value FROM plan_revision")).isEqualTo(before + 1);
        }
    }

    @Test
    void numberIsFixedAfterQuarantine() {
        join(1);
        begin();
        assertThat(numberAfter(1, 0, 5)).isEqualTo(5);
        await("the end", () -> !state().active());
        assertThat(numberAfter(1, 0, 6)).isEqualTo(5);
    }

    @Test
    void claimOutsideQuarantineWaitsForTheHolder() {
        threeNodesBeforeTheLoss();
        begin();
        assertThat(rest.delete("/api/v1/quarantine?reason=enough").status()).isEqualTo(200);
        epoch(2, node2AfterTheLoss());

        assertThat(holders("192.168.0.4")).containsExactly("a on node1");
        assertThat(openClaims())
                .containsExactlyInAnyOrder(
                        "ADDRESS_HELD x on node2", "ADDRESS_HELD y on node2", "ADDRESS_HELD z on node2");
    }

    private static String session(String network, String nic, int interfaceIndex, String podBlock) {
        return """
                {"nodeUid": "uid-1", "storeId": "s", "live": [], "plan": {"history": "", "revision": 1, "blocks": [
                  {"network": "%s", "number": 0, "nic": "%s", "masterNet": "10.0.1.0/24", "interfaceIndex": %d,
                   "hostIndex": 0, "interfaceBlock": "192.168.0.0/18", "podBlock": "%s"}]}}""".formatted(network, nic, interfaceIndex, podBlock);
    }

    @Test
    void impossibleBlockInSessionIsRefused() {
        join(1);
        assertThat(rest.post("/api/v1/nodes/node1/session", session("net", "eth1", 0, "192.168.1.0/24"))
                        .status())
                .isEqualTo(200);
        for (String bad : List.of(
                session("net", "eth1", -1, "192.168.1.0/24"),
                session("net", "eth1", 0, "192.169.1.0/24"),
                session("", "eth1", 0, "192.168.1.0/24"),
                session("net", "a\\u0000b", 0, "192.168.1.0/24"))) {
            var answer = rest.post("/api/v1/nodes/node1/session", bad);
            assertThat(answer.status()).as(bad + answer.detail()).isEqualTo(400);
            assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
        }
    }
}
