package io.multinic.ipam.delivery;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Long polls for plans, with a second replica on the same database.
class PlanPollIT {
    private final Rest rest = TestService.shared().rest();

    @BeforeEach
    void threeNodes() throws SQLException {
        TestService.sharedDatabase().clear();
        rest.put("/api/v1/networks/net", Samples.network("net"));
        for (int n = 1; n <= 3; n++) {
            rest.put("/api/v1/nodes/node" + n, Samples.node(n));
        }
    }

    private String poll(int node, long after, int wait) {
        return poll(node, after, wait, history());
    }

    private static String poll(int node, long after, int wait, String history) {
        return "/api/v1/nodes/node" + node + "/plan/changes?after=" + after + "&wait=" + wait + "&history=" + history;
    }

    private String history() {
        return rest.get("/api/v1/nodes/node1/plan/changes").as(PlanUpdate.class).history();
    }

    private long revision(int node) {
        return rest.get("/api/v1/nodes/node" + node + "/plan")
                .as(NodePlan.class)
                .revision();
    }

    private static NodePlan wholePlan(Rest.Answer answer) {
        return requireNonNull(answer.as(PlanUpdate.class).plan());
    }

    private static Rest.Answer get(CompletableFuture<Rest.Answer> answer) {
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static void awaitWaiters(TestService service, int waiters) throws InterruptedException {
        var polls = service.bean(PlanPolls.class);
        for (int i = 0; polls.waiting() < waiters; i++) {
            assertThat(i).as("waiting polls: " + polls.waiting()).isLessThan(500);
            Thread.sleep(10);
        }
    }

    @Test
    void knownPlanIsNotSentAgain() {
        assertThat(rest.get(poll(1, 0, 0)).status()).isEqualTo(200);
        assertThat(rest.get(poll(1, revision(1), 0)).status()).isEqualTo(204);
        long start = System.nanoTime();
        assertThat(rest.get(poll(1, revision(1), 1)).status()).isEqualTo(204);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(950));
    }

    @Test
    void changeOnAnyReplicaEndsTheWaitAtOnce() throws InterruptedException {
        try (var replica = TestService.on(TestService.sharedDatabase())) {
            var here = rest.getLater(poll(1, revision(1), 30));
            var there = replica.rest().getLater(poll(2, revision(2), 30));
            awaitWaiters(TestService.shared(), 1);
            awaitWaiters(replica, 1);
            long start = System.nanoTime();
            rest.put("/api/v1/nodes/node4", Samples.node(4));
            for (var answer : List.of(get(here), get(there))) {
                assertThat(requireNonNull(answer.as(PlanUpdate.class).change()).peers())
                        .extracting(peer -> peer.node())
                        .contains("node4");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(TestService.shared().bean(PlanPolls.class).waiting()).isZero();
        }
    }

    @Test
    void changeForOtherNodesDoesNotEndTheWait() throws InterruptedException {
        rest.put("/api/v1/nodes/node9", new NodeInventory("uid-9", List.of(Samples.nic("eth1", "10.0.1.9/24"))));
        long revision = revision(9);
        var waiting = rest.getLater(poll(9, revision, 3));
        awaitWaiters(TestService.shared(), 1);
        // only in the network of eth2, where node9 has no NIC
        rest.put("/api/v1/nodes/node8", new NodeInventory("uid-8", List.of(Samples.nic("eth2", "10.0.2.8/24"))));
        assertThat(get(waiting).status()).isEqualTo(204);
        assertThat(revision(9)).isEqualTo(revision);
        assertThat(revision(1)).as("node1 has a NIC there").isGreaterThan(revision);
    }

    @Test
    void unknownRevisionIsAnsweredAtOnce() {
        assertThat(wholePlan(rest.get(poll(1, 1_000_000, 30, ""))).revision())
                .as("an agent with a revision of a lost database does not wait")
                .isLessThan(1_000_000);
    }

    @Test
    void unknownNodeIsAnErrorAndRetirementEndsTheWait() throws InterruptedException {
        assertThat(rest.get(poll(7, 0, 30)).code()).isEqualTo("NODE_UNKNOWN");
        var waiting = rest.getLater(poll(3, revision(3), 30));
        awaitWaiters(TestService.shared(), 1);
        assertThat(rest.delete("/api/v1/nodes/node3").status()).isEqualTo(204);
        assertThat(get(waiting).code()).isEqualTo("NODE_UNKNOWN");
    }

    @Test
    void waitingPollsUseNoThreadsOrConnections() throws InterruptedException {
        long revision = revision(1);
        var waiting = new ArrayList<CompletableFuture<Rest.Answer>>();
        String poll = poll(1, revision, 40);
        long threads = serverThreads();
        for (int i = 0; i < 300; i++) {
            waiting.add(rest.getLater(poll));
        }
        awaitWaiters(TestService.shared(), 300);
        assertThat(serverThreads() - threads).isLessThan(20);
        assertThat(rest.get("/api/v1/networks").status())
                .as("other requests are served meanwhile")
                .isEqualTo(200);
        rest.put("/api/v1/networks/two", two());
        for (var answer : waiting) {
            assertThat(wholePlan(get(answer)).networks()).hasSize(2);
        }
    }

    /// Threads of the JVM without those of the HTTP client.
    private static long serverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("HttpClient"))
                .count();
    }

    private static NetworkDefinition two() {
        return Samples.network("two", "172.16.0.0/16", 6);
    }

    /// The user may be part of the URL, or default to the user that the process runs as.
    @Test
    void changeIsReceivedWhenSettingsNameNoUser() throws InterruptedException {
        Database shared = TestService.sharedDatabase();
        var nameless = new Database(
                shared.url() + (shared.url().contains("?") ? "&" : "?") + "user=" + shared.user() + "&password="
                        + shared.password(),
                "",
                "");
        try (var replica = TestService.on(nameless)) {
            var waiting = replica.rest().getLater(poll(1, revision(1), 10));
            awaitWaiters(replica, 1);
            rest.put("/api/v1/nodes/node4", Samples.node(4));
            assertThat(get(waiting).status()).isEqualTo(200);
        }
    }

    @Test
    void stoppingTheServiceAnswersWaitingPolls() throws InterruptedException {
        var replica = TestService.on(TestService.sharedDatabase());
        var waiting = replica.rest().getLater(poll(1, revision(1), 60));
        awaitWaiters(replica, 1);
        long start = System.nanoTime();
        replica.close();
        assertThat(get(waiting).status()).isEqualTo(204);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void waitingPollIsNotClosedAsIdleConnection() throws InterruptedException {
        try (var replica =
                TestService.on(TestService.sharedDatabase(), "--server.jetty.connection-idle-timeout=500ms")) {
            var waiting = replica.rest().getLater(poll(1, revision(1), 3));
            assertThat(get(waiting).status()).isEqualTo(204);
        }
    }
}
