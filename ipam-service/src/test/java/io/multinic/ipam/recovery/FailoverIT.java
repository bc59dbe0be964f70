package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.postgres.TestCluster;
import io.multinic.ipam.support.DatabaseDump;
import io.multinic.ipam.support.IpamProcess;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.SimulatedAgent;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Loss of PostgreSQL commits in every known way, while the agents continue with their plans.
class FailoverIT {
    private static final long SEED = Long.getLong("SEED", 1);

    private final Random random = new Random(SEED);
    private final List<AutoCloseable> started = new ArrayList<>();
    private final Map<Integer, SimulatedAgent> agents = new TreeMap<>();
    /// The desired state of users and nodes, independent of the database.
    private final Map<String, NetworkDefinition> networks = new LinkedHashMap<>();
    private final Map<Integer, NodeInventory> nodes = new TreeMap<>();
    private Path directory;
    private TestCluster cluster;
    private Database database;
    private TestService service;

    @BeforeEach
    void start() throws IOException {
        directory = Files.createTempDirectory(Path.of("target"), "failover").toAbsolutePath();
        cluster = running(TestCluster.create(directory.resolve("first"), IpamProcess.freePort()));
        cluster.start();
        database = cluster.database();
        service = newService();
    }

    @AfterEach
    void stop() throws Exception {
        Collections.reverse(started);
        for (AutoCloseable one : started) {
            one.close();
        }
        Files.delete(directory);
    }

    private <T extends AutoCloseable> T running(T one) {
        started.add(one);
        return one;
    }

    private TestService newService(String... settings) {
        var all = new ArrayList<>(List.of(settings));
        all.addAll(List.of(
                "--multi-nic.ipam.quarantine.at-least=0s",
                "--multi-nic.ipam.quarantine.look=100ms",
                "--multi-nic.ipam.node-silent-after=0s"));
        return running(TestService.on(database, all.toArray(String[]::new)));
    }

    private Rest rest() {
        return service.rest();
    }

    // ---- the cluster ----------------------------------------------------------------------------------------------

    private static NodeInventory inventory(int n, int nics) {
        var all = new ArrayList<io.multinic.contract.wire.Nic>();
        for (int nic = 1; nic <= nics; nic++) {
            all.add(Samples.nic("eth" + nic, "10.0." + nic + "." + n + "/24"));
        }
        return new NodeInventory("uid-" + n, all);
    }

    private static NetworkDefinition network(String name, String subnet, int hostBlock, String... masterNets) {
        return new NetworkDefinition(
                name,
                subnet.isEmpty()
                        ? List.of()
                        : List.of(subnet.split(",")).stream().map(Cidr::parse).toList(),
                List.of(masterNets).stream().map(Cidr::parse).toList(),
                3,
                hostBlock,
                List.of(),
                true);
    }

    private void put(NetworkDefinition network) {
        networks.put(network.name(), network);
        assertThat(rest().put("/api/v1/networks/" + network.name(), network).status())
                .isEqualTo(200);
    }

    private void join(int n, int nics) {
        nodes.put(n, inventory(n, nics));
        assertThat(rest().put("/api/v1/nodes/node" + n, nodes.get(n)).status()).isEqualTo(204);
        var agent = agents.computeIfAbsent(n, number -> new SimulatedAgent(number, this::rest, SEED));
        assertThat(agent.openSession()).isEqualTo(200);
        assertThat(agent.poll()).isEqualTo(200);
    }

    private void leave(int n) {
        nodes.remove(n);
        agents.remove(n);
        assertThat(rest().delete("/api/v1/nodes/node" + n).status()).isEqualTo(204);
    }

    private void pollAll() {
        agents.values().forEach(agent -> assertThat(agent.poll()).isIn(200, 204));
    }

    private void churn(int changes) {
        agents.values().forEach(agent -> {
            agent.churn(changes);
            assertThat(agent.send()).isEqualTo(200);
        });
    }

    /// Puts all networks and nodes in random order, as the controller's resync does.
    private void resync() {
        var puts = new ArrayList<Runnable>();
        networks.forEach((name, network) -> puts.add(
                () -> assertThat(rest().put("/api/v1/networks/" + name, network).status())
                        .isIn(200, 409)));
        nodes.forEach((n, inventory) -> puts.add(
                () -> assertThat(rest().put("/api/v1/nodes/node" + n, inventory).status())
                        .isEqualTo(204)));
        Collections.shuffle(puts, random);
        puts.forEach(Runnable::run);
    }

    // ---- invariants -----------------------------------------------------------------------------------------------

    private record Block(String network, Cidr cidr) {}

    private Map<Block, String> planned() throws SQLException {
        Map<Block, String> planned = new HashMap<>();
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT network.name, block.cidr, node.uid FROM block
                        JOIN network ON network.id = block.network_id
                        JOIN host_index host ON host.id = block.host_index_id
                        JOIN node ON node.id = host.node_id""")) {
            while (rows.next()) {
                planned.put(new Block(rows.getString(1), Cidr.parse(rows.getString(2))), rows.getString(3));
            }
        }
        return planned;
    }

    /// Requires that no block in an agent's plan is assigned to another node, except blocks of `before`, the plan that
    /// the database was left with.
    private void requireNoBlockReassigned(Map<Block, String> before) throws SQLException {
        planned().forEach((block, uid) -> {
            if (uid.equals(before.get(block))) {
                return;
            }
            for (SimulatedAgent agent : agents.values()) {
                for (StatedBlock own : agent.blocks()) {
                    assertThat(own.network().equals(block.network())
                                    && own.podBlock().overlaps(block.cidr())
                                    && !agent.uid().equals(uid))
                            .as("%s was assigned to %s, but %s has %s", block, uid, agent.name(), own)
                            .isFalse();
                }
            }
        });
    }

    private void requireLedgerEqualsHeldAddresses() throws SQLException {
        Set<String> open = new TreeSet<>();
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT network.name, host(address), node.uid, container_id FROM allocation
                        JOIN network ON network.id = allocation.network_id
                        JOIN node ON node.id = allocation.node_id WHERE upper_inf(held)""")) {
            while (rows.next()) {
                open.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3) + " "
                        + rows.getString(4));
            }
        }
        Set<String> held = new TreeSet<>();
        agents.values()
                .forEach(agent -> agent.held()
                        .forEach(one -> held.add(
                                one.network() + " " + one.address() + " " + agent.uid() + " " + one.containerId())));
        assertThat(open).isEqualTo(held);
    }

    private QuarantineState quarantine() {
        return rest().get("/api/v1/quarantine").as(QuarantineState.class);
    }

    private static void await(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(condition::getAsBoolean);
    }

    private void awaitService() {
        await(
                "the service to reach its database",
                () -> rest().get("/api/v1/networks").status() == 200);
    }

    private Map<Integer, Set<StatedBlock>> blocksOfAgents() {
        Map<Integer, Set<StatedBlock>> blocks = new TreeMap<>();
        agents.forEach((n, agent) -> blocks.put(n, new HashSet<>(agent.blocks())));
        return blocks;
    }

    /// A copy of the stopped cluster, like a standby that receives nothing afterwards.
    private TestCluster standby() {
        cluster.stop();
        var copy = running(cluster.copy(directory.resolve("standby")));
        cluster.start();
        awaitService();
        return copy;
    }

    /// Defines networks of every kind, joins nodes, and allocates and frees addresses.
    private void fillCluster() {
        put(network("net", "192.168.0.0/16", 6, "10.0.1.0/24", "10.0.2.0/24"));
        put(network("wide", "10.128.0.0/10", 8));
        put(network("hosts", "", 4, "10.0.2.0/24"));
        for (int n = 1; n <= 4; n++) {
            join(n, 2);
        }
        pollAll();
        churn(12);
    }

    /// Makes changes of every kind that an earlier copy of the database lacks.
    private void changeEverything() {
        put(network("late", "172.16.0.0/14", 6, "10.0.2.0/24", "10.0.1.0/24"));
        put(network("net", "192.168.0.0/16", 6, "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"));
        put(network("dual", "10.64.0.0/12,fd00:10::/56", 6, "10.0.3.0/24", "10.0.1.0/24"));
        join(5, 3);
        join(6, 2);
        leaveEmpty(4);
        join(7, 2);
        nodes.put(1, inventory(1, 3));
        assertThat(rest().put("/api/v1/nodes/node1", nodes.get(1)).status()).isEqualTo(204);
        pollAll();
        churn(20);
        assertThat(agents.get(7).podBlocks()).isNotEmpty();
    }

    private void leaveEmpty(int n) {
        var agent = agents.get(n);
        agent.freeAll();
        assertThat(agent.send()).isEqualTo(200);
        leave(n);
    }

    /// Opens sessions in random order, some repeatedly, while nodes and networks are put.
    private void openSessions(Map<Block, String> before) throws SQLException {
        var order = new ArrayList<>(agents.values());
        Collections.shuffle(order, random);
        for (SimulatedAgent agent : order) {
            agent.churn(3);
            agent.openSession();
            requireNoBlockReassigned(before);
            if (random.nextBoolean()) {
                resync();
                requireNoBlockReassigned(before);
            }
        }
        resync();
        for (SimulatedAgent agent : order) {
            assertThat(agent.openSession()).isEqualTo(200);
            requireNoBlockReassigned(before);
        }
        resync();
    }

    private record Expected(Map<Integer, Set<StatedBlock>> blocks, int numberOfLate) {}

    private Expected expected() {
        return new Expected(blocksOfAgents(), numberOf("late"));
    }

    private void requireEverythingRestored(Expected expected) throws SQLException {
        await("quarantine to end", () -> !quarantine().active());
        pollAll();
        for (SimulatedAgent agent : agents.values()) {
            assertThat(agent.send()).isEqualTo(200);
        }
        assertThat(quarantine().unsettled()).isEmpty();
        expected.blocks()
                .forEach((n, had) -> assertThat(new HashSet<>(agents.get(n).blocks()))
                        .as("blocks of node%d", n)
                        .isEqualTo(had));
        assertThat(numberOf("late")).isEqualTo(expected.numberOfLate());
        requireNoBlockReassigned(Map.of());
        requireLedgerEqualsHeldAddresses();
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isZero();
    }

    /// Retires node4 as gone once more: the database has lost its retirement.
    private void retireNode4AsGone() {
        assertThat(rest().delete("/api/v1/nodes/node4?gone=true&uid=uid-4").status())
                .isEqualTo(204);
    }

    @Test
    void promotionThatLostCommitsRestoresAllBlocks() throws Exception {
        fillCluster();
        TestCluster standby = standby();
        changeEverything();
        Expected expected = expected();
        cluster.kill();
        standby.promoted().start();
        awaitService();

        Map<Block, String> before = planned();
        nodes.put(9, inventory(9, 2));
        assertThat(rest().put("/api/v1/nodes/node9", nodes.get(9)).status()).isEqualTo(204);
        assertThat(planned()).as("no new block is assigned").isEqualTo(before);
        QuarantineState state = quarantine();
        assertThat(state.active()).isTrue();
        assertThat(state.reason()).contains("timeline 00000001", "timeline 00000002");
        assertThat(state.waitingFor())
                .extracting(QuarantineState.Waiting::node)
                .containsExactly("node1", "node2", "node3", "node4", "node9");
        assertThat(rest().get("/api/v1/networks/net").as(NetworkState.class).unplaced())
                .anySatisfy(unplaced -> {
                    assertThat(unplaced.node()).isEqualTo("node9");
                    assertThat(unplaced.reason()).contains("node1", "node2", "node4", "retire those that are gone");
                });
        agents.forEach((n, agent) ->
                assertThat(agent.poll()).as("%s needs a session", agent.name()).isIn(404, 409));

        openSessions(before);
        assertThat(quarantine().waitingFor())
                .extracting(QuarantineState.Waiting::node)
                .containsExactly("node4", "node9");
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .as("no conflict is open before node4 is retired once more")
                .isZero();
        retireNode4AsGone();
        join(9, 2);
        requireEverythingRestored(expected);
        assertThat(agents.get(9).podBlocks()).isNotEmpty();
    }

    @Test
    void databaseRestoredIntoAnotherClusterIsInQuarantine() throws Exception {
        fillCluster();
        changeEverything();
        Expected expected = expected();
        DatabaseDump dump = DatabaseDump.of(database);
        cluster.stop();
        service.close();
        cluster = running(
                TestCluster.create(directory.resolve("other"), cluster.port()).start());
        database = cluster.database();
        dump.restore(database);
        service = newService();

        assertThat(quarantine().active()).isTrue();
        await("the reason", () -> quarantine().reason().contains("of cluster"));
        Map<Block, String> before = planned();
        agents.forEach((n, agent) -> assertThat(agent.poll()).isEqualTo(409));
        openSessions(before);
        assertThat(planned()).isEqualTo(before);
        requireEverythingRestored(expected);
    }

    /// A snapshot of a virtual machine or disk, which PostgreSQL itself does not detect.
    @Test
    void diskSnapshotIsDetectedByTheFirstAgentsRevision() throws Exception {
        fillCluster();
        TestCluster snapshot = standby();
        changeEverything();
        Expected expected = expected();
        cluster.kill();
        snapshot.start();
        awaitService();

        Map<Block, String> before = planned();
        assertThat(quarantine().active()).isFalse();
        agents.forEach((n, agent) -> assertThat(agent.poll()).isIn(404, 409));
        assertThat(agents.get(2).openSession()).isEqualTo(200);
        assertThat(quarantine().active()).isTrue();
        assertThat(quarantine().reason()).contains("node2 knows revision");
        assertThat(agents.get(3).poll()).isEqualTo(409);
        openSessions(before);
        retireNode4AsGone();
        requireEverythingRestored(expected);
    }

    /// Networks and nodes are put before any agent reports: the empty database assigns new blocks and then restores
    /// the old ones.
    @Test
    void lostDatabaseIsRecoveredFromTheAgents() throws Exception {
        fillCluster();
        changeEverything();
        Expected expected = expected();
        cluster.kill();
        service.close();
        cluster = running(
                TestCluster.create(directory.resolve("empty"), cluster.port()).start());
        database = cluster.database();
        service = newService("--spring.application.name=again");
        resync();
        assertThat(quarantine().active()).isFalse();
        Map<Block, String> before = planned();
        assertThat(before).isNotEmpty();

        openSessions(before);
        assertThat(quarantine().reason()).contains("has blocks of database");
        requireEverythingRestored(expected);
        assertThat(quarantine().generation())
                .as("one quarantine for the whole loss")
                .isEqualTo(2);
    }

    /// Sessions opened after the first failover do not count for the second one.
    @Test
    void secondFailoverRestartsTheQuarantine() throws Exception {
        fillCluster();
        TestCluster standby = standby();
        var known = blocksOfAgents();
        cluster.kill();
        standby.promoted().start();
        awaitService();
        await("the first one", () -> quarantine().active());
        agents.values().stream()
                .limit(3)
                .forEach(agent -> assertThat(agent.openSession()).isEqualTo(200));
        standby.stop();
        TestCluster third = running(standby.copy(directory.resolve("third")));
        third.promoted().start();
        awaitService();
        await("the second one", () -> quarantine().waiting() == 4);
        assertThat(quarantine().reason()).contains("timeline 00000003");
        for (SimulatedAgent agent : agents.values()) {
            assertThat(agent.poll()).isEqualTo(409);
            assertThat(agent.openSession()).isEqualTo(200);
        }
        await("quarantine to end", () -> !quarantine().active());
        pollAll();
        assertThat(blocksOfAgents()).isEqualTo(known);
    }

    private int numberOf(String network) {
        return rest().get("/api/v1/networks/" + network).as(NetworkState.class).number();
    }
}
