package io.multinic.ipam.truth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Planner, diff and fold together under everything that users, nodes and agents do. `-Dseeds=1000` for a long run.
class TruthModelTest {
    private static final int STEPS = 200;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 30));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatTheServiceHoldsAsTrueIsWhatTheNaiveModelHolds(long seed) {
        walk(seed);
    }

    private static Walk walk(long seed) {
        var clock = new SteppedClock(Instant.parse("2026-11-24T08:00:00Z"));
        var walk = new Walk(seed, new PureIpam(clock), clock, true);
        walk.run(STEPS);
        return walk;
    }

    @Test
    void theWalksMeetWhatTheyAreFor() {
        var met = new TreeSet<String>();
        for (long seed = 0; seed < 30; seed++) {
            met.addAll(walk(seed).met());
        }
        assertThat(met)
                .contains(
                        "network",
                        "network INVALID_NETWORK",
                        "network NETWORK_EDIT_REFUSED",
                        "delete IN_USE",
                        "network NETWORK_EDIT_REFUSED for a reservation",
                        "delete with reservations",
                        "reserve",
                        "reserve the same",
                        "reserve RESERVATION_REFUSED",
                        "reserve NETWORK_UNKNOWN",
                        "unreserve",
                        "unreserve NETWORK_UNKNOWN",
                        "reserved and held",
                        "told of what is reserved from all",
                        "told of what is reserved for some",
                        "retire",
                        "retire IN_USE",
                        "gone",
                        "gone IN_USE",
                        "gone with what it held",
                        "node back from the dead",
                        "session NODE_UNKNOWN",
                        "restore",
                        "batch",
                        "batch STALE_SESSION",
                        "batch LEDGER_GAP",
                        "batch INVALID_REQUEST",
                        "batch NODE_UNKNOWN",
                        "batch NODE_RETIRED",
                        "release",
                        "release ADDRESS_NOT_HELD",
                        "RELEASED still",
                        "RELEASED in the end",
                        "no block",
                        "no route",
                        "ADDRESS_HELD still",
                        "ADDRESS_HELD and got it",
                        "ADDRESS_HELD in the end",
                        "NOT_HELD in the end");
    }
}
