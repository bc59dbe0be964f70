package io.multinic.ipam.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;

/// Concurrent batches of several nodes for one address; each batch has read its state before the others write.
class ContendedAddressIT {
    private static final int NODES = 6;
    private static final String ADDRESS = "192.168.0.4";

    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();
    private final long[] epochs = new long[NODES + 1];

    @BeforeEach
    void nodes() throws SQLException {
        database.clear();
        rest.put("/api/v1/networks/net", Samples.network("net"));
        for (int node = 1; node <= NODES; node++) {
            rest.put("/api/v1/nodes/node" + node, Samples.node(node));
            epochs[node] = rest.post(
                            "/api/v1/nodes/node" + node + "/session",
                            new SessionRequest("uid-" + node, "s", 0L, List.of()))
                    .as(SessionGrant.class)
                    .epoch();
        }
    }

    private int send(int node, LedgerEvent... events) {
        return rest.post("/api/v1/nodes/node" + node + "/ledger", Samples.batch(node, epochs[node], events))
                .status();
    }

    private List<String> holders() {
        return rest.get("/api/v1/audit?open=true").as(new TypeReference<Page<AllocationInterval>>() {}).items().stream()
                .map(interval -> interval.allocation().containerId())
                .toList();
    }

    private long waiting() throws SQLException {
        return database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL");
    }

    /// Sends the batches in order while the rows are locked, so that all have read before the first one writes.
    private void sendWhileLocked(String rows, List<Callable<Integer>> batches) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> sent = new ArrayList<>();
            try (var locker = database.connect()) {
                locker.setAutoCommit(false);
                try (var statement = locker.createStatement()) {
                    statement.execute(rows + " FOR UPDATE");
                }
                for (Callable<Integer> batch : batches) {
                    sent.add(threads.submit(batch));
                    await().until(() -> blocked()
                            == sent.stream().filter(each -> !each.isDone()).count());
                }
                locker.rollback();
            }
            for (Future<Integer> each : sent) {
                assertThat(each.get()).isEqualTo(200);
            }
        }
    }

    private long blocked() throws SQLException {
        return database.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND wait_event_type = 'Lock'");
    }

    @Test
    void claimThatEndsDuringFreeIsResolved() throws Exception {
        send(1, Samples.allocated(1, ADDRESS, "a"));
        send(2, Samples.allocated(1, ADDRESS, "b"));
        sendWhileLocked(
                "SELECT FROM conflict",
                List.of(() -> send(1, Samples.freed(2, ADDRESS, "a")), () -> send(2, Samples.freed(2, ADDRESS, "b"))));
        assertThat(holders()).isEmpty();
        assertThat(waiting()).isZero();
        assertThat(database.count("SELECT count(*) FROM conflict WHERE kind = 'NOT_HELD'"))
                .isZero();
    }

    private int free() {
        return send(1, Samples.freed(2, ADDRESS, "a"));
    }

    private int claim() {
        return send(2, Samples.allocated(1, ADDRESS, "b"));
    }

    private void requireClaimHoldsAfter(String rows, Callable<Integer> one, Callable<Integer> other) throws Exception {
        send(1, Samples.allocated(1, ADDRESS, "a"));
        sendWhileLocked(rows, List.of(one, other));
        assertThat(holders()).containsExactly("b");
        assertThat(waiting()).isZero();
    }

    @Test
    void claimDuringFreeGetsTheAddress() throws Exception {
        requireClaimHoldsAfter("SELECT FROM allocation", this::free, this::claim);
    }

    @Test
    void freeDuringClaimPassesTheAddressToTheClaim() throws Exception {
        requireClaimHoldsAfter("SELECT FROM allocation", this::claim, this::free);
    }

    @Test
    void claimBeforeCommitOfTheEndGetsTheAddress() throws Exception {
        // a batch writes this row last
        requireClaimHoldsAfter(
                "SELECT FROM journal WHERE node_id = (SELECT id FROM node WHERE name = 'node1')",
                this::free,
                this::claim);
    }

    /// All nodes allocate and free the same few addresses concurrently; in the end all are free.
    @Test
    void concurrentClaimsAndFreesLeaveNothingOpen() throws Exception {
        var tasks = IntStream.rangeClosed(1, NODES)
                .<Callable<Integer>>mapToObj(node -> () -> comeAndGo(node, new Random(node)))
                .toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : threads.invokeAll(tasks)) {
                done.get();
            }
        }
        assertThat(holders()).isEmpty();
        assertThat(waiting()).isZero();
        assertThat(database.count("SELECT count(*) FROM conflict WHERE kind = 'NOT_HELD'"))
                .isZero();
    }

    private int comeAndGo(int node, Random random) {
        int sequence = 1;
        for (int round = 0; round < 40; round++) {
            String address = "192.168.0." + (4 + random.nextInt(2));
            sendUntilStored(node, Samples.allocated(sequence, address, "c" + node));
            sendUntilStored(node, Samples.freed(sequence + 1, address, "c" + node));
            sequence += 2;
        }
        return sequence;
    }

    private void sendUntilStored(int node, LedgerEvent event) {
        int status;
        do {
            status = send(node, event);
        } while (status == 503);
        assertThat(status).isEqualTo(200);
    }
}
