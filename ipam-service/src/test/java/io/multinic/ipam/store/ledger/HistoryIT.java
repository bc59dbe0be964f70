package io.multinic.ipam.store.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.service.ledger.Retention;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataAccessException;
import tools.jackson.core.type.TypeReference;

/// Retention of ended intervals: their move into month partitions and their deletion.
@Timeout(120)
class HistoryIT {
    private static final TypeReference<Page<AllocationInterval>> INTERVALS = new TypeReference<>() {};
    private static final Duration KEEP = Duration.ofDays(100);

    private static final Database DATABASE = TestPostgres.newDatabase();
    private static final TestService SERVICE = TestService.on(DATABASE);
    private static final Rest REST = SERVICE.rest();
    private static final Transactions TRANSACTIONS = SERVICE.bean(Transactions.class);
    private static final IpamMetrics METRICS = SERVICE.bean(IpamMetrics.class);
    private static final IntervalArchive HISTORY = SERVICE.bean(IntervalArchive.class);
    private static final MonthPartitions MONTHS = SERVICE.bean("allocationMonths", MonthPartitions.class);

    private long sequence;
    private long epoch;

    @BeforeEach
    void oneNode() throws SQLException {
        DATABASE.clear();
        DATABASE.execute("UPDATE allocation_past_horizon SET ended_before = '-infinity'");
        TRANSACTIONS.write(() -> MONTHS.dropBefore(Instant.parse("2100-01-01T00:00:00Z")));
        REST.put("/api/v1/nodes/node1", Samples.node(1));
        REST.put("/api/v1/nodes/node2", Samples.node(2));
        epoch = session(1);
    }

    @AfterAll
    static void stop() {
        SERVICE.close();
    }

    private static long session(int node) {
        return REST.post(
                        "/api/v1/nodes/node" + node + "/session", new SessionRequest("uid-" + node, "s", 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
    }

    private static Instant at(String moment) {
        return Instant.parse(moment + "T00:00:00Z");
    }

    private static Retention retention(Instant now, Duration settle) {
        return new Retention(
                TRANSACTIONS, HISTORY, MONTHS, List.of(), METRICS, () -> now, new Retention.Rules(settle, KEEP));
    }

    private static Retention.Outcome runAt(String moment) {
        return retention(at(moment), Duration.ofHours(1)).run();
    }

    private static long send(int node, long epoch, LedgerEvent... events) {
        return REST.post(
                        "/api/v1/nodes/node" + node + "/ledger", new LedgerBatch("uid-" + node, epoch, List.of(events)))
                .as(LedgerReceipt.class)
                .storedThrough();
    }

    private LedgerEvent event(LedgerEvent.Type type, String address, String container, Instant at) {
        return new LedgerEvent(++sequence, type, at, Samples.allocation("net", address, container));
    }

    /// Stores an interval; an empty `to` leaves it open.
    private void held(String address, String container, String from, String to) {
        send(1, epoch, event(LedgerEvent.Type.ALLOCATED, address, container, at(from)));
        if (!to.isEmpty()) {
            send(1, epoch, event(LedgerEvent.Type.FREED, address, container, at(to)));
        }
    }

    private void intervalsOfSpring() {
        held("192.168.0.3", "open-ended", "2024-01-01", "");
        held("192.168.0.4", "march", "2024-03-10", "2024-03-12");
        held("192.168.0.4", "april", "2024-03-31", "2024-04-02");
        held("192.168.0.4", "may", "2024-05-01", "2024-05-31");
        held("192.168.0.5", "june", "2024-06-14", "2024-06-15");
    }

    private static List<AllocationInterval> items(String query) {
        return REST.get("/api/v1/" + query).as(INTERVALS).items();
    }

    private static List<String> containers(String query) {
        return items(query).stream()
                .map(each -> each.allocation().containerId())
                .toList();
    }

    private static long live() throws SQLException {
        return DATABASE.count("SELECT count(*) FROM allocation");
    }

    private static long past() throws SQLException {
        return DATABASE.count("SELECT count(*) FROM allocation_past");
    }

    @Test
    void movingEndedIntervalsChangesNoAnswer() throws SQLException {
        intervalsOfSpring();
        var questions = List.of(
                "audit",
                "audit?open=true",
                "audit?open=false&node=node1&network=net",
                "addresses/192.168.0.4",
                "addresses/192.168.0.4?at=2024-03-11T00:00:00Z",
                "addresses/192.168.0.4?at=2024-04-01T23:59:59.999999Z",
                "addresses/192.168.0.4?at=2024-04-02T00:00:00Z",
                "addresses/192.168.0.3?at=2024-05-02T00:00:00Z",
                "pods/default/pod-april/addresses");
        var before = questions.stream().map(HistoryIT::items).toList();

        assertThat(runAt("2024-06-15").moved()).isEqualTo(3);
        assertThat(live()).as("open, or ended within the last hour").isEqualTo(2);
        assertThat(DATABASE.count("SELECT count(*) FROM allocation_past_y2024m03"))
                .isEqualTo(1);
        assertThat(DATABASE.count("SELECT count(*) FROM allocation_past_y2024m05"))
                .isEqualTo(1);
        assertThat(questions.stream().map(HistoryIT::items).toList()).isEqualTo(before);
        assertThat(before.get(5)).hasSize(1);
        assertThat(before.get(6)).isEmpty();
    }

    @Test
    void endedIntervalIsMovedAfterTheSettleTime() throws SQLException {
        held("192.168.0.4", "a", "2024-06-14", "2024-06-15");
        Duration settle = Duration.ofHours(1);
        assertThat(retention(at("2024-06-15").plus(settle), settle).run().moved())
                .isZero();
        assertThat(live()).isEqualTo(1);
        assertThat(retention(at("2024-06-15").plus(settle).plusMillis(1), settle)
                        .run()
                        .moved())
                .isEqualTo(1);
    }

    @Test
    void pagesSpanBothTablesNewestFirst() {
        intervalsOfSpring();
        held("192.168.0.6", "late", "2024-03-20", "2024-03-21");
        runAt("2024-06-15");
        var seen = new ArrayList<String>();
        String cursor = "";
        while (cursor != null) {
            var page = REST.get("/api/v1/audit?limit=2&cursor=" + cursor).as(INTERVALS);
            page.items().forEach(interval -> seen.add(interval.allocation().containerId()));
            cursor = page.next();
        }
        assertThat(seen).containsExactly("late", "june", "may", "april", "march", "open-ended");
    }

    @Test
    void wholeMonthsAreDroppedAndOpenIntervalsStay() throws SQLException {
        intervalsOfSpring();
        runAt("2024-06-15");
        assertThat(containers("addresses/192.168.0.4")).containsExactly("may", "april", "march");
        runAt("2024-07-15");
        assertThat(MONTHS.list())
                .as("100 days before is 6 April; two months are created ahead")
                .containsExactly(
                        YearMonth.of(2024, 4),
                        YearMonth.of(2024, 5),
                        YearMonth.of(2024, 6),
                        YearMonth.of(2024, 7),
                        YearMonth.of(2024, 8),
                        YearMonth.of(2024, 9));
        assertThat(containers("addresses/192.168.0.4")).containsExactly("may", "april");

        assertThat(runAt("2025-01-31").dropped()).isEqualTo(6);
        assertThat(past()).isZero();
        assertThat(containers("audit")).containsExactly("open-ended");
    }

    @Test
    void eventsOlderThanTheRetentionAreStored() throws SQLException {
        intervalsOfSpring();
        runAt("2024-12-31");
        assertThat(containers("audit")).containsExactly("open-ended");
        held("192.168.0.4", "returned", "2024-03-11", "2024-03-13");
        assertThat(containers("addresses/192.168.0.4?at=2024-03-12T00:00:00Z")).containsExactly("returned");
        var outcome = runAt("2024-12-31");
        assertThat(outcome.moved()).isEqualTo(1);
        assertThat(outcome.dropped()).isEqualTo(1);
        assertThat(live() + past()).isEqualTo(1);
    }

    @Test
    void lateClaimStartsAtTheEndOfTheMovedInterval() {
        held("192.168.0.4", "march", "2024-05-10", "2024-05-12");
        runAt("2024-06-15");
        long other = session(2);
        send(
                2,
                other,
                new LedgerEvent(
                        1,
                        LedgerEvent.Type.ALLOCATED,
                        at("2024-05-11"),
                        Samples.allocation("net", "192.168.0.4", "late")));
        assertThat(containers("addresses/192.168.0.4?at=2024-05-11T12:00:00Z")).containsExactly("march");
        assertThat(items("addresses/192.168.0.4?at=2024-06-01T00:00:00Z"))
                .singleElement()
                .satisfies(interval -> assertThat(interval.from()).isEqualTo(at("2024-05-12")));
    }

    @Test
    void interruptedMoveMovesNothing() throws SQLException {
        intervalsOfSpring();
        assertThatThrownBy(() -> TRANSACTIONS.write(() -> {
                    assertThat(HISTORY.move(at("2024-06-01"), 2)).isEqualTo(2);
                    throw new IllegalStateException("killed");
                }))
                .hasMessage("killed");
        assertThat(live()).isEqualTo(5);
        assertThat(past()).isZero();
        assertThat(runAt("2024-06-15").moved()).isEqualTo(3);
    }

    @Test
    void intervalBeingMovedStillForbidsAnotherHolder() throws Exception {
        held("192.168.0.4", "march", "2024-03-10", "2024-03-12");
        try (var mover = DATABASE.connect();
                var statement = mover.createStatement()) {
            mover.setAutoCommit(false);
            statement.execute("UPDATE allocation_past_horizon SET ended_before = '2024-06-01'");
            statement.execute("WITH moved AS (DELETE FROM allocation WHERE NOT upper_inf(held) RETURNING *)"
                    + " INSERT INTO allocation_past SELECT id, upper(held), network_id, node_id, address, held, nic,"
                    + " pod_namespace, pod_name, pod_uid, container_id, if_name, pod_interface, journal_id,"
                    + " opened_sequence FROM moved");
            var claim = CompletableFuture.runAsync(() -> {
                try {
                    DATABASE.execute(
                            "INSERT INTO allocation (network_id, node_id, address, held, nic, pod_namespace,"
                                    + " pod_name, pod_uid, container_id, if_name, pod_interface, journal_id)"
                                    + " SELECT network_id, node_id, address, '[2024-03-11,2024-03-14)', nic, pod_namespace,"
                                    + " pod_name, pod_uid, container_id, if_name, pod_interface, journal_id FROM ledger_interval");
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            while (DATABASE.count("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                            + " AND datname = current_database()")
                    == 0) {
                assertThat(claim).as("waits for the move").isNotDone();
                Thread.onSpinWait();
            }
            mover.commit();
            assertThatThrownBy(() -> claim.get(30, TimeUnit.SECONDS))
                    .hasMessageContaining("one_holder_of_an_address_at_a_time_ever");
        }
    }

    @Test
    void concurrentBatchesAndMovesLoseNothing() throws SQLException {
        var over = new AtomicBoolean();
        int batches = 40;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var movers = new ArrayList<CompletableFuture<Void>>();
            for (int replica = 0; replica < 2; replica++) {
                movers.add(CompletableFuture.runAsync(
                        () -> {
                            while (!over.get()) {
                                retention(Instant.now(), Duration.ZERO).run();
                            }
                        },
                        threads));
            }
            long other = session(2);
            var first = CompletableFuture.runAsync(() -> write(1, epoch, batches), threads);
            var second = CompletableFuture.runAsync(() -> write(2, other, batches), threads);
            CompletableFuture.allOf(first, second)
                    .whenComplete((done, failed) -> over.set(true))
                    .join();
            movers.forEach(CompletableFuture::join);
        }
        runAt("2100-01-01");
        retention(Instant.now(), Duration.ZERO).run();
        assertThat(DATABASE.count("SELECT count(*) FROM ledger_interval")).isEqualTo(2L * batches * 10);
        assertThat(DATABASE.count("SELECT count(DISTINCT (journal_id, opened_sequence)) FROM ledger_interval"))
                .isEqualTo(2L * batches * 10);
        assertThat(live()).isZero();
        assertThat(DATABASE.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isZero();
        assertThat(DATABASE.count("""
                SELECT count(*) FROM ledger_interval AS one JOIN ledger_interval AS other
                ON one.address = other.address AND one.held && other.held AND one.id < other.id""")).isZero();
    }

    /// Writes claims to the same ten addresses for each node, so that the intervals of both conflict.
    private static void write(int node, long epoch, int batches) {
        for (int batch = 0; batch < batches; batch++) {
            var events = new LedgerEvent[20];
            for (int i = 0; i < events.length; i++) {
                var allocation =
                        Samples.allocation("net", "192.168.0." + (10 + i / 2), node + "-" + batch + "-" + i / 2);
                var type = i % 2 == 0 ? LedgerEvent.Type.ALLOCATED : LedgerEvent.Type.FREED;
                events[i] = new LedgerEvent(1 + batch * 20L + i, type, Instant.now(), allocation);
            }
            assertThat(send(node, epoch, events)).isEqualTo(batch * 20L + 20);
        }
    }

    @Test
    void retentionWithClockFarAheadKeepsRecentIntervals() throws SQLException {
        var now = Instant.now();
        send(1, epoch, event(LedgerEvent.Type.ALLOCATED, "192.168.0.4", "a", now.minus(Duration.ofDays(3))));
        send(1, epoch, event(LedgerEvent.Type.FREED, "192.168.0.4", "a", now.minus(Duration.ofDays(2))));
        runAt("2100-01-01");
        assertThat(past()).isEqualTo(1);
        assertThat(containers("addresses/192.168.0.4")).containsExactly("a");
    }

    @Test
    void intervalsOfMissingMonthMoveIntoItWhenItIsCreated() throws SQLException {
        intervalsOfSpring();
        TRANSACTIONS.write(() -> HISTORY.move(at("2024-06-10"), 100));
        assertThat(DATABASE.count("SELECT count(*) FROM allocation_past_rest")).isEqualTo(3);
        var before = items("audit");
        assertThat(TRANSACTIONS.write(() -> MONTHS.ensure(List.of())))
                .containsExactly(YearMonth.of(2024, 3), YearMonth.of(2024, 4), YearMonth.of(2024, 5));
        assertThat(DATABASE.count("SELECT count(*) FROM allocation_past_rest")).isZero();
        assertThat(items("audit")).isEqualTo(before);
    }

    @Test
    void adminActionsAreRetainedByMonth() throws SQLException {
        var months = SERVICE.bean("auditEventMonths", MonthPartitions.class);
        DATABASE.execute("""
                INSERT INTO audit_event (at, caller, action, details)
                VALUES ('2024-01-31 23:59:59+00', 'me', 'early', '{}'), ('2024-06-01 00:00+00', 'me', 'late', '{}')""");
        new Retention(
                        TRANSACTIONS,
                        HISTORY,
                        MONTHS,
                        List.of(months),
                        METRICS,
                        () -> at("2024-06-15"),
                        new Retention.Rules(Duration.ofHours(1), KEEP))
                .run();
        assertThat(DATABASE.count("SELECT count(*) FROM audit_event WHERE action = 'early'"))
                .isZero();
        assertThat(DATABASE.count("SELECT count(*) FROM audit_event_y2024m06 WHERE action = 'late'"))
                .isEqualTo(1);
        DATABASE.execute(
                "INSERT INTO audit_event (at, caller, action, details) VALUES ('2024-08-01', 'me', 'x', '{}')");
        assertThat(DATABASE.count("SELECT count(*) FROM audit_event_rest WHERE at < '2025-01-01'"))
                .isZero();
    }

    @Test
    void replicaWithoutTheRetentionLockDoesNothing() throws SQLException {
        intervalsOfSpring();
        var outcome = TRANSACTIONS.write(() -> {
            assertThat(HISTORY.tryLock()).isTrue();
            return CompletableFuture.supplyAsync(() -> runAt("2024-06-15")).join();
        });
        assertThat(outcome).isEqualTo(new Retention.Outcome(0, 0, 0, 0));
        assertThat(live()).isEqualTo(5);
    }

    @Test
    void monthIsDroppedAfterItsReaderHasFinished() throws SQLException {
        intervalsOfSpring();
        runAt("2024-06-15");
        try (var reader = DATABASE.connect();
                var statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.executeQuery("SELECT * FROM ledger_interval").close();
            assertThatThrownBy(() -> runAt("2024-12-01")).isInstanceOf(DataAccessException.class);
            assertThat(past()).isEqualTo(3);
            reader.commit();
        }
        runAt("2024-12-01");
        assertThat(past()).isZero();
    }

    /// Settings with the expected part of the message.
    static Stream<Arguments> wrongSettings() {
        return Stream.of(
                Arguments.of("settle=401d", "keep is PT9600H, less than settle, PT9624H"),
                Arguments.of("settle=-1s", "settle is PT-1S; give PT0S to 36500 days"),
                Arguments.of("keep=0s", "keep is PT0S; give PT24H to"),
                Arguments.of("keep=40000d", "keep is PT960000H; give"),
                Arguments.of("every=0s", "every is PT0S; give PT1S"));
    }

    @ParameterizedTest
    @MethodSource("wrongSettings")
    void invalidSettingIsRefusedAtStart(String setting, String message) {
        assertThatThrownBy(() -> TestService.on(DATABASE, "--multi-nic.ipam.audit." + setting))
                .rootCause()
                .hasMessageStartingWith("multi-nic.ipam.audit.")
                .hasMessageContaining(message);
    }

    @Test
    void resolvedConflictsAreDeletedAndOpenOnesStay() throws SQLException {
        held("192.168.0.4", "a", "2024-01-01", "");
        long other = session(2);
        send(
                2,
                other,
                new LedgerEvent(
                        1, LedgerEvent.Type.ALLOCATED, at("2024-01-02"), Samples.allocation("net", "192.168.0.4", "b")),
                new LedgerEvent(
                        2, LedgerEvent.Type.FREED, at("2024-01-03"), Samples.allocation("net", "192.168.0.9", "c")));
        assertThat(DATABASE.count("SELECT count(*) FROM conflict")).isEqualTo(2);
        assertThat(runAt("2024-03-01").conflictsForgotten()).isZero();
        assertThat(runAt("2024-06-01").conflictsForgotten()).isEqualTo(1);
        assertThat(DATABASE.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isEqualTo(1);
    }
}
