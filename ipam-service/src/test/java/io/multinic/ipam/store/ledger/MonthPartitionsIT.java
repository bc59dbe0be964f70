package io.multinic.ipam.store.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Creation of month partitions during writes.
class MonthPartitionsIT {
    private static final String ROW = "INSERT INTO audit_event (at, caller, action, details)"
            + " VALUES ('2001-01-15T00:00:00Z', 'test', 'NODE_DEFINED', '{}')";

    @Test
    void writeDuringCreationOfMonthSucceeds() throws SQLException {
        var database = TestService.sharedDatabase();
        var months = TestService.shared().bean("auditEventMonths", MonthPartitions.class);
        var writer = TestService.shared().bean(Transactions.class).write(() -> {
            months.ensure(List.of(YearMonth.of(2001, 1)));
            var writing = CompletableFuture.runAsync(() -> {
                try {
                    database.execute(ROW);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            awaitWaiter();
            return writing;
        });
        assertThat(writer.orTimeout(20, TimeUnit.SECONDS)).succeedsWithin(20, TimeUnit.SECONDS);
        assertThat(database.count("SELECT count(*) FROM audit_event_y2001m01")).isEqualTo(1);
        database.execute("DROP TABLE audit_event_y2001m01");
    }

    private static void awaitWaiter() {
        try {
            for (int i = 0; ; i++) {
                assertThat(i).as("the writer waits").isLessThan(2_000);
                if (TestService.sharedDatabase().count("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0) {
                    return;
                }
                Thread.sleep(5);
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
