package io.multinic.ipam.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The random walk over the real service: REST, transactions, SQL, PostgreSQL's constraints.
class ReferenceModelIT {
    private static final int STEPS = 100;

    static LongStream seeds() {
        return LongStream.range(0, Math.max(2, Long.getLong("seeds", 0) / 50));
    }

    private static final RandomWalk.SteppedClock CLOCK =
            new RandomWalk.SteppedClock(Instant.parse("2026-11-24T08:00:00Z"));
    private static final TestPostgres.Database DATABASE = TestPostgres.newDatabase();
    private static final TestService SERVICE = TestService.at(CLOCK, DATABASE);

    @AfterAll
    static void stop() {
        SERVICE.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void databaseEqualsReferenceModelAfterEveryStep(long seed) throws SQLException {
        DATABASE.clear();
        try (var connection = DATABASE.connect()) {
            new RandomWalk(seed, new RestIpam(SERVICE.rest(), connection, true), CLOCK, true).run(STEPS);
        }
        assertThat(DATABASE.count(
                        "SELECT count(*) FROM block a JOIN block b ON a.cidr && b.cidr" + " AND a.ctid <> b.ctid"))
                .as("overlapping blocks")
                .isZero();
    }
}
