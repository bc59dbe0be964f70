package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.postgres.TestCluster;
import io.multinic.ipam.support.IpamProcess;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.SimulatedAgent;
import io.multinic.ipam.support.TestPostgres.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two replica processes under load: one is killed, then PostgreSQL is killed and restarted.
class CrashIT {
    private static final long SEED = Long.getLong("SEED", 1);
    private static final int NODES = 8;
    /// Stored batches of each node between two failures.
    private static final int PHASE = 25;
    /// Refused requests of each node before PostgreSQL is restarted.
    private static final int OUTAGE = 2;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final List<IpamProcess> replicas = new ArrayList<>();
    private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private Path directory;
    private TestCluster cluster;
    private Database database;

    @BeforeEach
    void start() throws IOException {
        directory = Files.createTempDirectory(Path.of("target"), "crash").toAbsolutePath();
        cluster = TestCluster.create(directory.resolve("postgres"), IpamProcess.freePort())
                .start();
        database = cluster.database();
        replicas.add(replica(0));
        awaitReady(replicas.getFirst()); // the first replica creates the tables
        replicas.add(replica(1));
        awaitReady(replicas.getLast());
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        for (IpamProcess replica : replicas) {
            replica.process().destroyForcibly().waitFor();
        }
        http.close();
        cluster.close();
        if (unexpected.isEmpty()) { // otherwise the logs are kept for the analysis
            for (int i = 0; i < replicas.size(); i++) {
                Files.deleteIfExists(log(i));
            }
            Files.delete(directory);
        }
    }

    private Path log(int number) {
        return directory.resolve("replica" + number + ".log");
    }

    private IpamProcess replica(int number) throws IOException {
        var started = IpamProcess.start(
                List.of(),
                log(number),
                http,
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password());
        return new IpamProcess(started.process(), started.port(), started.rest().observedBy(this::recordUnexpected));
    }

    /// Records answers other than success and TRY_AGAIN_LATER, the only ones allowed during failures.
    private void recordUnexpected(Rest.Answer answer) {
        boolean fine = answer.status() < 300
                || (answer.status() == 503
                        && answer.code().equals("TRY_AGAIN_LATER")
                        && answer.response().headers().firstValue("Retry-After").isPresent());
        if (!fine) {
            unexpected.add(answer.response().request().method() + " "
                    + answer.response().uri() + ": " + answer.status() + " "
                    + answer.response().body());
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .until(condition::getAsBoolean);
    }

    private static void awaitReady(IpamProcess replica) {
        await("a replica", () -> {
            if (!replica.process().isAlive()) {
                throw new AssertionError("a replica ended by itself");
            }
            return replica.answers("/api/v1/networks");
        });
    }

    private Rest anyReplica() {
        return replicas.get(ThreadLocalRandom.current().nextInt(replicas.size()))
                .rest();
    }

    private static void awaitEach(String what, List<Load> loads, ToIntFunction<Load> done, int more) {
        int[] before = loads.stream().mapToInt(done).toArray();
        await(
                what,
                () -> IntStream.range(0, before.length)
                        .allMatch(i -> done.applyAsInt(loads.get(i)) - before[i] >= more));
    }

    /// @return false if the request was refused or not answered
    private static boolean attempt(IntSupplier request) {
        try {
            return request.getAsInt() < 300;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static void insist(IntSupplier request) {
        await("an answer", () -> attempt(request));
    }

    private static NodeInventory inventory(int n, boolean third) {
        var nics = new ArrayList<Nic>(Samples.node(n).nics());
        if (third) {
            nics.add(Samples.nic("eth3", "10.0.3." + n + "/24"));
        }
        return new NodeInventory("uid-" + n, nics);
    }

    /// A node with its agent and controller: a NIC is removed and added, addresses are allocated and freed, batches
    /// are sent twice.
    private final class Load {
        private final int node;
        private final Random random;
        private final SimulatedAgent agent;
        private final Map<String, StatedBlock> firstSeen = new HashMap<>();
        private boolean third;
        private final AtomicInteger stored = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();

        Load(int node) {
            this.node = node;
            this.random = new Random(SEED * 97 + node);
            this.agent = new SimulatedAgent(node, CrashIT.this::anyReplica, SEED);
        }

        void join() {
            insist(() -> anyReplica()
                    .put("/api/v1/nodes/node" + node, inventory(node, third))
                    .status());
            insist(agent::openSession);
            insist(agent::poll);
        }

        void run() {
            join();
            while (!stopped.get()) {
                step();
            }
            insist(() -> anyReplica()
                    .put("/api/v1/nodes/node" + node, inventory(node, third))
                    .status());
            insist(agent::openSession);
            insist(agent::send);
            insist(agent::poll);
            requireStableBlocks();
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0 -> {
                    third = !third;
                    attempt(() -> anyReplica()
                            .put("/api/v1/nodes/node" + node, inventory(node, third))
                            .status());
                }
                case 1 -> insist(agent::openSession);
                case 2, 3 -> attempt(agent::poll);
                case 4, 5 -> agent.sendTwice();
                default -> {
                    agent.churn(5);
                    if (attempt(agent::send)) {
                        stored.incrementAndGet();
                    }
                }
            }
            requireStableBlocks();
        }

        private boolean attempt(IntSupplier request) {
            return CrashIT.attempt(() -> {
                int status = request.getAsInt();
                if (status >= 300) {
                    refused.incrementAndGet();
                }
                return status;
            });
        }

        private void insist(IntSupplier request) {
            await("an answer", () -> attempt(request));
        }

        private void requireStableBlocks() {
            for (StatedBlock block : agent.blocks()) {
                StatedBlock before = firstSeen.putIfAbsent(block.network() + " " + block.nic(), block);
                if (before != null && !before.equals(block)) {
                    unexpected.add(agent.name() + " had " + before + " and has " + block);
                }
            }
        }
    }

    /// Changes excludes in a part of the network without hosts.
    private void editNetworks() {
        var random = new Random(SEED);
        while (!stopped.get()) {
            int free = 200 + random.nextInt(40);
            var edited = Samples.network("net", "192.168.0.0/16", 6, "192.168." + free + ".0/24");
            attempt(() -> anyReplica().put("/api/v1/networks/net", edited).status());
        }
    }

    @Test
    void killsLoseNoAcknowledgedEventAndStoreNoneTwice() throws Exception {
        insist(() ->
                anyReplica().put("/api/v1/networks/net", Samples.network("net")).status());
        insist(() -> anyReplica()
                .put("/api/v1/networks/other", Samples.network("other", "172.16.0.0/16", 6))
                .status());
        var loads = new ArrayList<Load>();
        for (int n = 1; n <= NODES; n++) {
            loads.add(new Load(n));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            loads.forEach(load -> running.add(threads.submit(load::run)));
            running.add(threads.submit(this::editNetworks));
            try {
                awaitEach("load on two replicas", loads, load -> load.stored.get(), PHASE);
                replicas.getFirst().process().destroyForcibly().waitFor();
                awaitEach("load on the remaining replica", loads, load -> load.stored.get(), PHASE);
                cluster.kill();
                awaitEach("refused requests", loads, load -> load.refused.get(), OUTAGE);
                cluster.start();
                awaitEach("load after the restart", loads, load -> load.stored.get(), PHASE);
            } finally {
                stopped.set(true);
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        assertThat(unexpected).isEmpty();
        requireLedgerEqualsJournals(loads);
        requireConsistentPlan(loads);
        assertThat(replicas.getLast()
                        .rest()
                        .get("/api/v1/quarantine")
                        .as(QuarantineState.class)
                        .generation())
                .as("a restart is not a failover")
                .isEqualTo(1);
    }

    private void requireLedgerEqualsJournals(List<Load> loads) throws Exception {
        long allocations =
                loads.stream().mapToLong(load -> load.agent.allocations()).sum();
        assertThat(allocations).as("the load").isGreaterThan(500);
        assertThat(database.count("SELECT count(*) FROM ledger_interval")).isEqualTo(allocations);
        assertThat(database.count("SELECT count(*) FROM (SELECT journal_id, opened_sequence FROM ledger_interval"
                        + " GROUP BY 1, 2 HAVING count(*) > 1) twice"))
                .isZero();
        assertThat(database.count("SELECT count(*) FROM conflict")).isZero();
        Set<String> held = new TreeSet<>();
        loads.forEach(load -> load.agent
                .held()
                .forEach(one -> held.add(one.network() + one.address() + one.containerId() + load.agent.uid())));
        Set<String> open = new HashSet<>();
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT network.name || host(address) || container_id || node.uid FROM allocation
                        JOIN network ON network.id = network_id JOIN node ON node.id = node_id
                        WHERE upper_inf(held)""")) {
            while (rows.next()) {
                open.add(rows.getString(1));
            }
        }
        assertThat(open).isEqualTo(held);
    }

    private void requireConsistentPlan(List<Load> loads) throws Exception {
        assertThat(database.count("SELECT count(*) FROM block a JOIN block b ON a.network_id = b.network_id"
                        + " AND a.cidr && b.cidr AND a.host_index_id <> b.host_index_id"))
                .isZero();
        assertThat(database.count("SELECT count(DISTINCT (network_id, cidr)) FROM block"))
                .isEqualTo(database.count("SELECT count(*) FROM block"));
        Rest rest = replicas.getLast().rest();
        for (Load load : loads) {
            assertThat(rest.get("/api/v1/nodes/node" + load.node)
                            .as(NodeState.class)
                            .nics())
                    .isEqualTo(inventory(load.node, load.third).nics());
        }
        assertThat(rest.get("/api/v1/networks/net").as(NetworkState.class).unplaced())
                .isEmpty();
    }
}
