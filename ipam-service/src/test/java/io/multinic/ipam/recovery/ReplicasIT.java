package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.PlanChangeLog;
import io.multinic.ipam.store.plan.PlanNotifications;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Two replicas that use one database concurrently.
class ReplicasIT {
    private static final Database DATABASE = TestPostgres.newDatabase();
    private static final List<TestService> REPLICAS = new ArrayList<>();

    @BeforeAll
    static void start() {
        REPLICAS.add(TestService.on(DATABASE));
        REPLICAS.add(TestService.on(DATABASE));
    }

    @AfterAll
    static void stop() {
        REPLICAS.forEach(TestService::close);
    }

    @BeforeEach
    void clear() throws SQLException {
        DATABASE.clear();
    }

    private static Rest replica(int i) {
        return REPLICAS.get(i % REPLICAS.size()).rest();
    }

    /// The number of requests that the replica has accepted and not yet answered.
    private static int beingServed(int i) {
        return REPLICAS.get(i).bean(MeterRegistry.class).find("http.server.requests.active").longTaskTimers().stream()
                .mapToInt(LongTaskTimer::activeTasks)
                .sum();
    }

    private static <T> List<T> concurrently(List<Callable<T>> tasks) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<T>();
            for (var result : threads.invokeAll(tasks)) {
                results.add(result.get());
            }
            return results;
        }
    }

    @Test
    void concurrentlyJoiningNodesGetDistinctAdjacentBlocks() throws Exception {
        replica(0).put("/api/v1/networks/net", Samples.network("net"));
        var tasks = IntStream.rangeClosed(1, 40)
                .<Callable<Integer>>mapToObj(n -> () -> replica(n)
                        .put("/api/v1/nodes/node" + n, Samples.node(n))
                        .status())
                .toList();
        assertThat(concurrently(tasks)).containsOnly(204);
        assertThat(DATABASE.count("SELECT count(DISTINCT index) FROM host_index"))
                .isEqualTo(40);
        assertThat(DATABASE.count("SELECT max(index) FROM host_index")).isEqualTo(39);
        assertThat(DATABASE.count("SELECT count(*) FROM block")).isEqualTo(80);
    }

    /// A plan change may take seconds; many wait for it when all nodes join at the same time.
    @Test
    void waitingPlanChangesDoNotBlockOtherRequests() throws Exception {
        replica(0).put("/api/v1/networks/net", Samples.network("net"));
        replica(0).put("/api/v1/nodes/node1", Samples.node(1));
        long epoch = session(1);
        try (var slow = DATABASE.connect();
                var sql = slow.createStatement();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            slow.setAutoCommit(false);
            sql.execute("SELECT FROM interface_index FOR UPDATE");
            var joining = new ArrayList<Future<Integer>>();
            for (int n = 2; n <= 250; n++) {
                int node = n;
                joining.add(threads.submit(() -> replica(0)
                        .put("/api/v1/nodes/node" + node, Samples.node(node))
                        .status()));
            }
            await().until(() -> beingServed(0) == joining.size());
            var batch = Samples.batch(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
            assertThat(replica(0).post("/api/v1/nodes/node1/ledger", batch).status())
                    .isEqualTo(200);
            assertThat(replica(0).get("/api/v1/nodes/node1/plan").status()).isEqualTo(200);
            Thread.sleep(4_000); // longer than the connection timeout of the pool
            slow.rollback();
            for (var join : joining) {
                assertThat(join.get()).isEqualTo(204);
            }
        }
    }

    @Test
    void concurrentNetworksNeverOverlap() throws Exception {
        var tasks = IntStream.range(0, 16)
                .<Callable<Integer>>mapToObj(i -> () -> replica(i)
                        .put("/api/v1/networks/n" + i, Samples.network("n" + i, "172." + (16 + i / 2) + ".0.0/16", 4))
                        .status())
                .toList();
        assertThat(concurrently(tasks)).containsOnly(200, 422);
        assertThat(DATABASE.count("SELECT count(*) FROM network WHERE definition IS NOT NULL"))
                .isEqualTo(8);
        assertThat(DATABASE.count("SELECT max(number) FROM network")).isEqualTo(7);
    }

    @Test
    void sameBatchOnBothReplicasIsStoredOnce() throws Exception {
        replica(0).put("/api/v1/networks/net", Samples.network("net"));
        replica(0).put("/api/v1/nodes/node1", Samples.node(1));
        long epoch = session(1);
        var events = IntStream.rangeClosed(1, 100)
                .mapToObj(i -> Samples.allocated(i, "192.168.0." + i, "c" + i))
                .toArray(LedgerEvent[]::new);
        var batch = Samples.batch(1, epoch, events);
        var tasks = IntStream.range(0, 12)
                .<Callable<Long>>mapToObj(i -> () -> replica(i)
                        .post("/api/v1/nodes/node1/ledger", batch)
                        .as(LedgerReceipt.class)
                        .storedThrough())
                .toList();
        assertThat(concurrently(tasks)).containsOnly(100L);
        assertThat(DATABASE.count("SELECT count(*) FROM allocation")).isEqualTo(100);
        assertThat(DATABASE.count("SELECT count(*) FROM conflict")).isZero();
    }

    @Test
    void oneOfConcurrentClaimsHoldsTheAddress() throws Exception {
        replica(0).put("/api/v1/networks/net", Samples.network("net"));
        var tasks = new ArrayList<Callable<Integer>>();
        for (int n = 1; n <= 10; n++) {
            replica(0).put("/api/v1/nodes/node" + n, Samples.node(n));
            long epoch = session(n);
            int node = n;
            // in opposite orders, so that transactions wait for each other in both directions
            var addresses = new ArrayList<>(List.of("192.168.0.4", "192.168.0.5", "192.168.0.6", "192.168.0.7"));
            if (n % 2 == 0) {
                Collections.reverse(addresses);
            }
            var batch = Samples.batch(
                    n,
                    epoch,
                    IntStream.range(0, 4)
                            .mapToObj(i -> Samples.allocated(i + 1, addresses.get(i), "c" + node))
                            .toArray(LedgerEvent[]::new));
            tasks.add(() -> replica(node)
                    .post("/api/v1/nodes/node" + node + "/ledger", batch)
                    .status());
        }
        assertThat(concurrently(tasks)).containsOnly(200);
        assertThat(DATABASE.count("SELECT count(*) FROM allocation")).isEqualTo(4);
        assertThat(DATABASE.count("SELECT count(*) FROM conflict")).isEqualTo(36);
        assertThat(DATABASE.count("SELECT sum(stored_through) FROM journal")).isEqualTo(40);
    }

    @Test
    void suspendedReplicaDoesNotBlockOthersForLong() throws Exception {
        var goOn = new CountDownLatch(1);
        try (var service = TestService.on(
                        TestPostgres.newDatabase(),
                        "--spring.datasource.hikari.connection-init-sql="
                                + "SET idle_in_transaction_session_timeout = '1s'");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var locked = new CountDownLatch(1);
            Transactions transactions = service.bean(Transactions.class);
            // Not the service's own bean, whose lock within the replica its requests would wait for.
            var plans = new PlanTransactions(
                    transactions,
                    service.bean(JdbcClient.class),
                    service.bean(LineageStore.class),
                    service.bean(PlanNotifications.class),
                    service.bean(PlanChangeLog.class));
            var suspended = threads.submit(() -> plans.changePlan(lock -> {
                locked.countDown();
                return awaited(goOn);
            }));
            locked.await();
            assertThat(service.rest()
                            .put("/api/v1/networks/net", Samples.network("net"))
                            .status())
                    .isEqualTo(200);
            goOn.countDown();
            assertThat(suspended).failsWithin(Duration.ofSeconds(10));
        } finally {
            goOn.countDown();
        }
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void transactionsHaveAnIdleTimeout() throws SQLException {
        try (var connection = REPLICAS.getFirst().bean(DataSource.class).getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SHOW idle_in_transaction_session_timeout")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString(1)).isEqualTo("20s");
        }
    }

    private static long session(int node) {
        return replica(node)
                .post(
                        "/api/v1/nodes/node" + node + "/session",
                        new SessionRequest("uid-" + node, "store-" + node, 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
    }

    /// Nodes concurrently allocate and free in their own blocks and send their outbox to any replica in batches of any
    /// size, some twice. In the end the ledger contains each event of the nodes exactly once.
    @Test
    void ledgerEqualsTheSumOfTheJournals() throws Exception {
        int nodes = 6;
        replica(0).put("/api/v1/networks/net", Samples.network("net"));
        var journals = new ArrayList<Journal>();
        for (int n = 1; n <= nodes; n++) {
            replica(0).put("/api/v1/nodes/node" + n, Samples.node(n));
            journals.add(new Journal(n, Long.getLong("SEED", 7) + n));
        }
        assertThat(concurrently(
                        journals.stream().<Callable<Boolean>>map(j -> j::run).toList()))
                .containsOnly(true);
        long allocated = journals.stream().mapToLong(j -> j.allocations).sum();
        long open = journals.stream().mapToLong(j -> j.held.size()).sum();
        assertThat(DATABASE.count("SELECT count(*) FROM allocation")).isEqualTo(allocated);
        assertThat(DATABASE.count("SELECT count(*) FROM allocation WHERE upper_inf(held)"))
                .isEqualTo(open);
        assertThat(DATABASE.count("SELECT count(*) FROM conflict")).isZero();
        for (Journal journal : journals) {
            for (var entry : journal.held.entrySet()) {
                assertThat(DATABASE.count("SELECT count(*) FROM allocation WHERE upper_inf(held) AND address = '"
                                + entry.getKey() + "' AND container_id = '" + entry.getValue() + "'"))
                        .isEqualTo(1);
            }
        }
    }

    private static final class Journal {
        private final int node;
        private final Random random;
        private final List<LedgerEvent> events = new ArrayList<>();
        private final Map<String, String> held = new HashMap<>();
        private long allocations;
        private int confirmed;

        Journal(int node, long seed) {
            this.node = node;
            this.random = new Random(seed);
        }

        boolean run() {
            long epoch = session(node);
            for (int round = 0; round < 25; round++) {
                for (int i = random.nextInt(40); i >= 0; i--) {
                    change();
                }
                if (random.nextInt(6) == 0) {
                    epoch = session(node);
                }
                int from = Math.max(0, confirmed - random.nextInt(5));
                int to = from + random.nextInt(events.size() - from + 1);
                send(epoch, from, to);
                if (random.nextBoolean()) {
                    send(epoch, from, to);
                }
            }
            send(epoch, confirmed, events.size());
            return confirmed == events.size();
        }

        private void change() {
            String address = "192.168." + (node - 1) + "." + random.nextInt(12);
            String container = held.remove(address);
            long sequence = events.size() + 1L;
            if (container != null) {
                events.add(Samples.freed(sequence, address, container));
            } else {
                held.put(address, "c" + sequence);
                events.add(Samples.allocated(sequence, address, "c" + sequence));
                allocations++;
            }
        }

        private void send(long epoch, int from, int to) {
            var batch = Samples.batch(node, epoch, events.subList(from, to).toArray(LedgerEvent[]::new));
            confirmed = (int) replica(random.nextInt(2))
                    .post("/api/v1/nodes/node" + node + "/ledger", batch)
                    .as(LedgerReceipt.class)
                    .storedThrough();
        }
    }
}
