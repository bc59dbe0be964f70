package io.multinic.ipam.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.AuditPage;
import io.multinic.ipam.service.ledger.Audit;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.ledger.MonthPartitions;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Benchmark of queries over a long ledger history: `make bench`.
///
/// 50,000 addresses over 12 months with 200 past holders each and a current one.
class HistoryBench {
    private static final int MONTHS = 12;
    private static final int ADDRESSES = 50_000;
    private static final int ROWS = 10_000_000;
    private static final int QUERIES = 1_000;
    private static final Duration HELD = Duration.ofHours(12);

    private static final Database DATABASE = TestPostgres.newDatabase();
    private static final TestService SERVICE = TestService.on(DATABASE);
    private final YearMonth first = YearMonth.now(ZoneOffset.UTC).minusMonths(MONTHS);

    private static void print(String what, String figure) {
        System.out.printf(Locale.ROOT, "bench: %-74s %s%n", what, figure);
    }

    @Test
    void holderAtATimeIsFoundQuickly() throws SQLException {
        long start = System.nanoTime();
        fill();
        long rows = DATABASE.count("SELECT count(*) FROM ledger_interval");
        assertThat(rows).isGreaterThanOrEqualTo(ROWS);
        print(
                "history: rows of the ledger, and the seconds that filling took",
                String.format(Locale.ROOT, "%,d in %,.0f s", rows, (System.nanoTime() - start) / 1e9));
        var audit = SERVICE.bean(Audit.class);
        var random = new Random(17);
        measure("address at a moment, the query with its completeness", random, query -> {
            var page = audit.holdersAt(address(query), moment(query));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(1);
        });
        measure(
                "address at a moment, over REST",
                random,
                query -> assertThat(SERVICE.rest()
                                .get("/api/v1/addresses/" + address(query) + "?at=" + moment(query))
                                .as(AuditPage.class)
                                .items())
                        .hasSizeLessThanOrEqualTo(1));
    }

    private static IpAddress address(int query) {
        return IpAddress.parse("10.0.0.0").plus(new Random(query).nextInt(ADDRESSES));
    }

    private Instant moment(int query) {
        long seconds = Duration.ofDays(MONTHS * 30).toSeconds();
        Instant beginning = first.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return beginning.plusSeconds(new Random(~query).nextLong(seconds));
    }

    private static void measure(String what, Random random, IntConsumer query) {
        random.ints(QUERIES).forEach(query);
        long[] nanos = random.ints(QUERIES)
                .mapToLong(each -> nanos(query, each))
                .sorted()
                .toArray();
        print(
                what + " (goal 5 ms): p50, p99",
                String.format(
                        Locale.ROOT, "%.2f ms, %.2f ms", nanos[QUERIES / 2] / 1e6, nanos[QUERIES * 99 / 100] / 1e6));
    }

    private static long nanos(IntConsumer query, int each) {
        long start = System.nanoTime();
        query.accept(each);
        return System.nanoTime() - start;
    }

    /// Fills the tables as after a year: month partitions with all constraints, analyzed.
    private void fill() throws SQLException {
        List<YearMonth> months =
                IntStream.range(0, MONTHS).mapToObj(first::plusMonths).toList();
        var partitions = SERVICE.bean("allocationMonths", MonthPartitions.class);
        SERVICE.bean(Transactions.class).write(() -> partitions.ensure(months));
        DATABASE.execute("""
                INSERT INTO network (name) VALUES ('net');
                INSERT INTO node (uid, name, current) SELECT 'uid-' || n, 'node' || n, true FROM generate_series(1, 5000) AS n;
                INSERT INTO journal (node_id, store_id) SELECT id, 's' FROM node;
                INSERT INTO session (node_id, journal_id, epoch, opened_at, reported_at) SELECT id, id, 1, now(), now() FROM node;
                """);
        try (var writers = Executors.newFixedThreadPool(2)) {
            CompletableFuture.allOf(months.stream()
                            .map(month -> CompletableFuture.runAsync(() -> fill(months.indexOf(month), month), writers))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }
        DATABASE.execute("""
                INSERT INTO allocation (network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid,
                                        container_id, if_name, pod_interface, journal_id)
                SELECT 1, 1 + n %% 5000, '10.0.0.0'::inet + n, tstzrange(date_trunc('month', now(), 'UTC'), NULL), 'eth1',
                       'ns', 'pod-' || n, '', 'container-' || n, 'net1', 'net1-0', 1 + n %% 5000
                FROM generate_series(0, %d - 1) AS n;
                UPDATE allocation_past_horizon SET ended_before = date_trunc('month', now(), 'UTC');
                """.formatted(ADDRESSES));
        DATABASE.execute("VACUUM ANALYZE");
    }

    private static void fill(int position, YearMonth month) {
        int rows = (ROWS + MONTHS - 1) / MONTHS;
        try {
            DATABASE.execute("""
                    INSERT INTO allocation_past (id, ended_at, network_id, node_id, address, held, nic, pod_namespace,
                                                 pod_name, pod_uid, container_id, if_name, pod_interface, journal_id,
                                                 opened_sequence)
                    SELECT id, ended_at, 1, 1 + n %% 5000, '10.0.0.0'::inet + n,
                           tstzrange(ended_at - %1$d * interval '1 second', ended_at), 'eth1', 'ns-' || id %% 50,
                           'pod-' || id, 'uid-' || id, 'container-' || id, 'net1', 'net1-0', 1 + n %% 5000, id
                    FROM (SELECT %2$d::bigint * %3$d + g + 1 AS id, g %% %4$d AS n,
                                 '%5$s-01 00:00+00'::timestamptz + interval '12 hours'
                                 + (g / %4$d) * interval '36 hours' + (g %% %4$d) * interval '0.1 s' AS ended_at
                          FROM generate_series(0, %3$d - 1) AS g) AS made""".formatted(HELD.toSeconds(), position, rows, ADDRESSES, month));
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }
}
