package io.multinic.ipam.truth;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The same walk over the real service: REST, transactions, SQL, PostgreSQL's constraints.
class TruthWalkIT {
    private static final int STEPS = 100;

    static LongStream seeds() {
        return LongStream.range(0, Math.max(2, Long.getLong("seeds", 0) / 50));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatTheDatabaseHoldsIsWhatTheNaiveModelHolds(long seed) throws SQLException {
        var database = TestService.sharedDatabase();
        database.clear();
        // The service's clock cannot be set: everything has happened before it looks.
        var clock = new Walk.Clock(Instant.now().minus(Duration.ofDays(1)));
        try (var connection = database.connect()) {
            new Walk(seed, new ServiceIpam(TestService.shared().rest(), connection), clock, false).run(STEPS);
        }
        assertThat(database.count(
                        "SELECT count(*) FROM block a JOIN block b ON a.cidr && b.cidr" + " AND a.ctid <> b.ctid"))
                .as("overlapping blocks")
                .isZero();
    }
}
