package io.multinic.ipam.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.plan.IndexRanges;
import io.multinic.ipam.plan.Indexes;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.Planner;
import io.multinic.ipam.support.Rest;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.postgresql.PGConnection;

/// Benchmark of ipam-service in a cluster of 5,000 nodes with 8 NICs: `make bench`. It prints figures and asserts only
/// that the work was done.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IpamBench {
    private static final int NODES = 5_000;
    private static final int NICS = 8;
    private static final int AGENTS = 64;
    private static final int BATCHES = 40;
    private static final int BATCH = 250;

    private static BenchService service;
    private static Rest rest;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        service = new BenchService();
        rest = service.rest();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        service.stop();
    }

    private static NetworkDefinition network() {
        return new NetworkDefinition(
                "net",
                List.of(Cidr.parse("10.128.0.0/9")),
                IntStream.range(0, NICS)
                        .mapToObj(i -> Cidr.parse("172." + (16 + i) + ".0.0/16"))
                        .toList(),
                3,
                13,
                List.of(),
                true);
    }

    private static List<Nic> nics(int node) {
        String host = (node >> 8) + "." + (node & 255);
        return IntStream.range(0, NICS)
                .mapToObj(i -> new Nic(
                        "eth" + (i + 1), List.of(PrefixedAddress.parse("172." + (16 + i) + "." + host + "/16"))))
                .toList();
    }

    private static HostNics host(int node) {
        return new HostNics("uid-" + node, nics(node));
    }

    private static NodeInventory inventory(int node) {
        return new NodeInventory("uid-" + node, nics(node));
    }

    private static void print(String what, String figure) {
        System.out.printf(Locale.ROOT, "bench: %-74s %s%n", what, figure);
    }

    private static String ms(long nanos) {
        return String.format(Locale.ROOT, "%,.1f ms", nanos / 1e6);
    }

    /// The shortest of several runs, which other load on the machine affects least.
    private static long best(int runs, Runnable work) {
        long best = Long.MAX_VALUE;
        for (int run = 0; run < runs; run++) {
            long start = System.nanoTime();
            work.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }

    private static <T> T timed(String what, Supplier<T> work) {
        long start = System.nanoTime();
        T result = work.get();
        print(what, ms(System.nanoTime() - start));
        return result;
    }

    @Test
    @Order(1)
    void plansAreComputed() {
        List<HostNics> hosts =
                IntStream.rangeClosed(1, NODES).mapToObj(IpamBench::host).toList();
        Plan plan = Planner.plan(network(), Indexes.NONE, hosts);
        assertThat(plan.hosts()).hasSize(NODES * NICS);
        print("plan of 5,000 x 8 from nothing, computed (goal 1 s)", ms(best(5, () -> {
            var _ = Planner.plan(network(), Indexes.NONE, hosts);
        })));
        Indexes stored = asReadForAnotherNode(plan);
        HostNics joining = host(NODES + 1);
        assertThat(Planner.plan(network(), stored, List.of(joining)).hosts()).hasSize(NICS);
        print("one node joins 5,000 x 8, computed (goal 10 ms)", ms(best(50, () -> {
            var _ = Planner.plan(network(), stored, List.of(joining));
        })));
    }

    /// The indexes as the store reads them: of all nodes only the ranges in use.
    private static Indexes asReadForAnotherNode(Plan plan) {
        Map<Cidr, IndexRanges> taken = new HashMap<>();
        plan.interfaces()
                .forEach(in ->
                        taken.put(in.masterNet(), new IndexRanges(List.of(new IndexRanges.Range(0, NODES - 1)))));
        return new Indexes(plan.indexes().interfaces(), Map.of(), taken);
    }

    @Test
    @Order(2)
    void plansAreStored() {
        for (int node = 1; node <= NODES; node++) {
            assertThat(rest.put("/api/v1/nodes/node" + node, inventory(node)).status())
                    .isEqualTo(204);
        }
        assertThat(timed(
                                "plan of 5,000 x 8 from nothing, PUT of the network: computed and stored (goal 10 s)",
                                () -> rest.put("/api/v1/networks/net", network()))
                        .status())
                .isEqualTo(200);
        assertThat(timed("one node's whole plan, GET", () -> rest.get("/api/v1/nodes/node1/plan"))
                        .as(NodePlan.class)
                        .networks()
                        .getFirst()
                        .peers())
                .hasSize((NODES - 1) * NICS);
    }

    @Test
    @Order(3)
    void nodeJoins() {
        int next = NODES + 1;
        for (int node = next; node < next + 10; node++) {
            int joining = node;
            var answer = timed(
                    "one node joins, PUT of its inventory: read, computed and stored",
                    () -> rest.put("/api/v1/nodes/node" + joining, inventory(joining)));
            assertThat(answer.status()).isEqualTo(204);
        }
        for (int node = next; node < next + 10; node++) {
            rest.delete("/api/v1/nodes/node" + node);
        }
    }

    @Test
    @Order(3)
    void listsAreTimed() {
        for (String path : List.of("nodes", "nodes?superseded=true", "networks", "networks/net/usage?limit=1000")) {
            for (int run = 0; run < 3; run++) {
                var answer = timed("GET /" + path, () -> rest.get("/api/v1/" + path));
                assertThat(answer.status()).isEqualTo(200);
            }
        }
        assertThat(timed(
                                "POST /networks/net/preview of an edit that moves all 40,000 blocks",
                                () -> rest.post("/api/v1/networks/net/preview", movingAll()))
                        .status())
                .isEqualTo(200);
    }

    private static NetworkDefinition movingAll() {
        var network = network();
        return new NetworkDefinition(
                network.name(),
                List.of(Cidr.parse("10.0.0.0/9")),
                network.masterNets(),
                network.interfaceBlock(),
                network.hostBlock(),
                network.excludes(),
                network.hostRoutes());
    }

    /// In host-subnet mode the addresses of all hosts are excluded.
    @Test
    @Order(3)
    void nodeJoinsHostSubnetNetwork() {
        var shared = new NetworkDefinition("shared", List.of(), network().masterNets(), 0, 13, List.of(), true);
        assertThat(timed(
                                "host-subnet mode: plan of 5,000 x 8 from nothing, PUT of the network",
                                () -> rest.put("/api/v1/networks/shared", shared))
                        .status())
                .isEqualTo(200);
        for (int node = NODES + 1; node <= NODES + 10; node++) {
            int joining = node;
            assertThat(timed(
                                    "host-subnet mode: one node joins this and the other network, PUT of its inventory",
                                    () -> rest.put("/api/v1/nodes/node" + joining, inventory(joining)))
                            .status())
                    .isEqualTo(204);
        }
        assertThat(timed("host-subnet mode: GET /networks", () -> rest.get("/api/v1/networks"))
                        .status())
                .isEqualTo(200);
        for (int node = NODES + 1; node <= NODES + 10; node++) {
            rest.delete("/api/v1/nodes/node" + node);
        }
        rest.delete("/api/v1/networks/shared");
    }

    @Test
    @Order(4)
    void waitingPollsAreAnsweredByJoin() throws InterruptedException, ExecutionException {
        for (int join = 1; join <= 5; join++) {
            answerPolls(NODES + join, join);
        }
    }

    private static void answerPolls(int joining, int join) throws InterruptedException, ExecutionException {
        var known = rest.get("/api/v1/nodes/node1/plan/changes").as(PlanUpdate.class);
        String query = "/plan/changes?wait=60&history=" + known.history() + "&after="
                + Objects.requireNonNull(known.plan()).revision();
        long before = service.anonymousMiB();
        try (var agents = service.startAgents(NODES, node -> "/api/v1/nodes/" + node + query)) {
            while (service.waitingPolls() < NODES) {
                Thread.sleep(100);
            }
            print(
                    "memory (anonymous) without and with 5,000 polls that wait, before join " + join,
                    before + " MiB, " + service.anonymousMiB() + " MiB");
            long start = System.nanoTime();
            assertThat(rest.put("/api/v1/nodes/node" + joining, inventory(joining))
                            .status())
                    .isEqualTo(204);
            var bodies = agents.awaitAll();
            print(
                    "5,000 waiting polls hear of join " + join + " since the start, from its PUT (goal 1 s)",
                    ms(System.nanoTime() - start));
            bodies.forEach(body -> assertThat(Objects.requireNonNull(
                                    Rest.read(body, PlanUpdate.class).change())
                            .peers())
                    .hasSize(NICS));
        }
    }

    @Test
    @Order(5)
    void agentsWriteTheLedger() throws SQLException {
        var sessions = IntStream.rangeClosed(1, AGENTS)
                .mapToObj(node -> rest.post(
                                "/api/v1/nodes/node" + node + "/session",
                                new SessionRequest("uid-" + node, "store-1", null, List.of()))
                        .as(SessionGrant.class))
                .toList();
        long start = System.nanoTime();
        var writers = new ArrayList<CompletableFuture<Void>>();
        try (var agents = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int node = 1; node <= AGENTS; node++) {
                int agent = node;
                writers.add(CompletableFuture.runAsync(
                        () -> writeLedger(agent, sessions.get(agent - 1).epoch()), agents));
            }
        }
        writers.forEach(CompletableFuture::join);
        double seconds = (System.nanoTime() - start) / 1e9;
        long events = (long) AGENTS * BATCHES * BATCH;
        assertThat(service.database().count("SELECT sum(stored_through) FROM journal"))
                .isEqualTo(events);
        print(
                AGENTS + " agents, batches of " + BATCH + ": ledger events a second (goal 10,000)",
                String.format(Locale.ROOT, "%,.0f", events / seconds));
        double rows = copyRows();
        print(
                "the share that is of raw COPY into a table of the same columns without constraints",
                String.format(Locale.ROOT, "%.1f %% of %,.0f rows/s", 100 * events / seconds / rows, rows));
    }

    /// Writes allocations and frees alternately.
    private static void writeLedger(int node, long epoch) {
        long sequence = 1;
        for (int batch = 0; batch < BATCHES; batch++) {
            var events = new ArrayList<LedgerEvent>(BATCH);
            for (int i = 0; i < BATCH; i++, sequence++) {
                long pod = (sequence - 1) / 2;
                var allocation = new Allocation(
                        "net",
                        IpAddress.parse("10.128." + node + "." + pod % 250),
                        "eth1",
                        new PodRef("default", "pod-" + pod, "uid-" + pod),
                        "container-" + pod,
                        "net1",
                        "net1-0");
                events.add(new LedgerEvent(
                        sequence,
                        sequence % 2 == 1 ? LedgerEvent.Type.ALLOCATED : LedgerEvent.Type.FREED,
                        Instant.now(),
                        allocation));
            }
            var body = new LedgerBatch("uid-" + node, epoch, events);
            Rest.Answer answer;
            do { // agents retry while no database connection is free
                answer = rest.post("/api/v1/nodes/node" + node + "/ledger", body);
            } while (answer.status() == 503);
            assertThat(answer.status()).as(answer.detail()).isEqualTo(200);
        }
    }

    private static double copyRows() throws SQLException {
        service.database().execute("CREATE TABLE copied (LIKE allocation)");
        long rows = service.database().count("SELECT count(*) FROM allocation");
        long start;
        try (var connection = service.database().connect()) {
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            var text = new StringWriter();
            copy.copyOut("COPY allocation TO STDOUT", text);
            start = System.nanoTime();
            copy.copyIn("COPY copied FROM STDIN", new StringReader(text.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows / ((System.nanoTime() - start) / 1e9);
    }
}
