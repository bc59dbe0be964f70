package io.multinic.ipam.store.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.AuditPage;
import io.multinic.contract.wire.Completeness;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.QuarantineRequest;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Completeness of audit answers: the time up to which every node has reported.
class CompletenessIT {
    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);

    @BeforeEach
    void nothing() throws SQLException {
        database.clear();
    }

    private long join(int node) {
        rest.put("/api/v1/nodes/node" + node, Samples.node(node));
        return rest.post(
                        "/api/v1/nodes/node" + node + "/session", new SessionRequest("uid-" + node, "s", 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
    }

    private Rest.Answer report(int node, long epoch, @Nullable Instant asOf, LedgerEvent... events) {
        return rest.post(
                "/api/v1/nodes/node" + node + "/ledger",
                new LedgerBatch("uid-" + node, epoch, List.of(events), asOf, 3L));
    }

    private Completeness completeness() {
        return rest.get("/api/v1/audit").as(AuditPage.class).completeness();
    }

    @Test
    void completenessIsUnknownUntilEveryNodeHasReported() {
        assertThat(completeness()).isEqualTo(new Completeness(null, 0, List.of()));
        long first = join(1);
        long second = join(2);
        report(1, first, now);
        assertThat(completeness())
                .isEqualTo(new Completeness(null, 1, List.of(new Completeness.Behind("node2", "uid-2", null))));
        report(2, second, now.minusSeconds(1));
        assertThat(completeness()).isEqualTo(new Completeness(now.minusSeconds(1), 0, List.of()));
    }

    @Test
    void nodeWithoutSessionDoesNotDelayCompleteness() {
        report(1, join(1), now);
        rest.put("/api/v1/nodes/node2", Samples.node(2));
        assertThat(completeness().asOf()).isEqualTo(now);
    }

    @Test
    void completenessInQuarantineWaitsForEveryNode() {
        report(1, join(1), now);
        rest.put("/api/v1/nodes/node2", Samples.node(2));
        rest.post("/api/v1/quarantine", new QuarantineRequest("restored as an empty database"));
        try {
            assertThat(completeness())
                    .isEqualTo(new Completeness(null, 1, List.of(new Completeness.Behind("node2", "uid-2", null))));
            report(2, join(2), now.minusSeconds(1));
            assertThat(completeness()).isEqualTo(new Completeness(now.minusSeconds(1), 0, List.of()));
            rest.put("/api/v1/nodes/node3", Samples.node(3));
            assertThat(completeness().asOf()).isNull();
            rest.delete("/api/v1/nodes/node3");
            assertThat(completeness().asOf()).isEqualTo(now.minusSeconds(1));
        } finally {
            rest.delete("/api/v1/quarantine?reason=end%20of%20test");
        }
        rest.put("/api/v1/nodes/node4", Samples.node(4));
        assertThat(completeness().asOf()).isEqualTo(now.minusSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audit",
                "addresses/192.168.0.4",
                "addresses/192.168.0.4?at=2026-11-24T08:00:00Z",
                "pods/default/pod-a/addresses"
            })
    void everyAuditAnswerHasCompleteness(String question) {
        report(1, join(1), now);
        assertThat(rest.get("/api/v1/" + question)
                        .as(AuditPage.class)
                        .completeness()
                        .asOf())
                .isEqualTo(now);
    }

    @Test
    void eventsOfBatchAreVisibleWithItsReportTime() {
        long epoch = join(1);
        report(1, epoch, now, Samples.allocated(1, "192.168.0.4", "a"));
        var page = rest.get("/api/v1/addresses/192.168.0.4").as(AuditPage.class);
        assertThat(page.items()).hasSize(1);
        assertThat(page.completeness().asOf()).isEqualTo(now);
    }

    @Test
    void refusedBatchKeepsTheLastReportTime() {
        long epoch = join(1);
        report(1, epoch, now.minusSeconds(5));
        assertThat(report(1, epoch, now, Samples.allocated(2, "192.168.0.4", "a"))
                        .code())
                .isEqualTo("LEDGER_GAP");
        assertThat(report(1, epoch + 1, now).code()).isEqualTo("STALE_SESSION");
        assertThat(completeness().asOf()).isEqualTo(now.minusSeconds(5));
    }

    @Test
    void batchWithoutReportTimeKeepsTheLastOne() {
        long epoch = join(1);
        report(1, epoch, now);
        report(1, epoch, null, Samples.allocated(1, "192.168.0.4", "a"));
        assertThat(completeness().asOf()).isEqualTo(now);
    }

    @Test
    void reportTimeInTheFutureIsLimitedToArrival() {
        long epoch = join(1);
        report(1, epoch, now.plus(Duration.ofDays(400)));
        assertThat(completeness().asOf()).isBetween(now, Instant.now());
        report(1, epoch, Instant.EPOCH);
        assertThat(completeness().asOf()).isEqualTo(Instant.EPOCH);
    }

    /// An agent's clock that was never set starts at the epoch.
    @Test
    void eventAtTheEpochIsStored() {
        long epoch = join(1);
        var early = new LedgerEvent(
                1, LedgerEvent.Type.ALLOCATED, Instant.EPOCH, Samples.allocation("net", "192.168.0.4", "a"));
        assertThat(report(1, epoch, now, early).status()).isEqualTo(200);
        assertThat(rest.get("/api/v1/addresses/192.168.0.4?at=1970-01-01T00:00:00Z")
                        .as(AuditPage.class)
                        .items())
                .hasSize(1);
    }

    @Test
    void completenessNamesTenFurthestBehind() {
        for (int node = 1; node <= 12; node++) {
            report(node, join(node), now.minus(Duration.ofMinutes(30 - node)));
        }
        report(13, join(13), now);
        var completeness = completeness();
        assertThat(completeness.asOf()).isEqualTo(now.minus(Duration.ofMinutes(29)));
        assertThat(completeness.behindCount()).isEqualTo(12);
        assertThat(completeness.behind())
                .extracting(Completeness.Behind::node)
                .containsExactly(
                        "node1", "node2", "node3", "node4", "node5", "node6", "node7", "node8", "node9", "node10");
        assertThat(completeness.behind().getFirst().reported()).isEqualTo(now.minus(Duration.ofMinutes(29)));
    }

    @Test
    void retiredNodeDoesNotDelayCompleteness() {
        report(1, join(1), now);
        join(2);
        assertThat(completeness().asOf()).isNull();
        rest.delete("/api/v1/nodes/node2");
        assertThat(completeness()).isEqualTo(new Completeness(now, 0, List.of()));
    }

    @Test
    void retiredNodeIsNotListedAsBehind() {
        join(1);
        join(2);
        rest.delete("/api/v1/nodes/node1");
        assertThat(completeness())
                .isEqualTo(new Completeness(null, 1, List.of(new Completeness.Behind("node2", "uid-2", null))));
    }

    @Test
    void negativePlanRevisionIsRefused() {
        long epoch = join(1);
        var answer = rest.post("/api/v1/nodes/node1/ledger", new LedgerBatch("uid-1", epoch, List.of(), null, -1L));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).isEqualTo("planRevision is -1; revisions begin at 0");
    }

    @Test
    void reportOfOlderAgentIsAccepted() {
        long epoch = join(1);
        assertThat(rest.post(
                                "/api/v1/nodes/node1/ledger",
                                "{\"nodeUid\": \"uid-1\", \"epoch\": " + epoch + ", \"events\": []}")
                        .status())
                .isEqualTo(200);
        assertThat(completeness().asOf()).isNull();
    }

    @Test
    void reportsAreHeapOnlyUpdates() throws SQLException {
        long epoch = join(1);
        database.execute("VACUUM session");
        long before =
                database.count("SELECT n_tup_upd - n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'session'");
        for (int i = 0; i < 5; i++) {
            report(1, epoch, now.plusMillis(i));
        }
        database.execute("SELECT pg_stat_force_next_flush()");
        assertThat(database.count(
                        "SELECT n_tup_upd - n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'session'"))
                .isEqualTo(before);
    }
}
