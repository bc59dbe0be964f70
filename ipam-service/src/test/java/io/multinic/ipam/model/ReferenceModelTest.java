package io.multinic.ipam.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random walks of users, nodes and agents over planner, diff and fold together. `-Dseeds=1000` for a long run.
class ReferenceModelTest {
    private static final int STEPS = 200;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 30));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void stateEqualsReferenceModelAfterEveryStep(long seed) {
        walk(seed);
    }

    /// The outcomes of the walks by seed: the walk of a seed runs once for all tests.
    private static final Map<Long, Set<String>> COVERED = new ConcurrentHashMap<>();

    private static Set<String> walk(long seed) {
        return COVERED.computeIfAbsent(seed, ReferenceModelTest::walkOnce);
    }

    private static Set<String> walkOnce(long seed) {
        var clock = new RandomWalk.SteppedClock(Instant.parse("2026-11-24T08:00:00Z"));
        var walk = new RandomWalk(seed, new InMemoryIpam(clock), clock, true);
        walk.run(STEPS);
        return walk.covered();
    }

    @Test
    void walksCoverEveryKindOfOutcome() {
        var covered = new TreeSet<String>();
        for (long seed = 0; seed < 30; seed++) {
            covered.addAll(walk(seed));
        }
        assertThat(covered)
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
                        "delivered reservation for no pod",
                        "delivered reservation for some pods",
                        "retire",
                        "retire IN_USE",
                        "gone",
                        "gone IN_USE",
                        "gone while holding addresses",
                        "retired holder returned",
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
                        "RELEASED open",
                        "RELEASED resolved",
                        "no block",
                        "no route",
                        "ADDRESS_HELD open",
                        "ADDRESS_HELD became holder",
                        "ADDRESS_HELD resolved",
                        "NOT_HELD resolved");
    }
}
