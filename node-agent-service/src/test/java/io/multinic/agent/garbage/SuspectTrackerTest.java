package io.multinic.agent.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.journal.AttachmentKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Looks a minute's wait apart, as tables.
class SuspectTrackerTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    /// One look: seconds after noon, who is guilty, who is convicted.
    record Look(int second, Set<String> guilty, Set<String> convicted) {}

    record Case(String name, List<Look> looks) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Set<String> nobody = Set.of();
        return Stream.of(
                new Case("one look is no proof", List.of(new Look(0, Set.of("a"), nobody))),
                new Case(
                        "two looks too close are none",
                        List.of(new Look(0, Set.of("a"), nobody), new Look(59, Set.of("a"), nobody))),
                new Case(
                        "two looks with the time between",
                        List.of(new Look(0, Set.of("a"), nobody), new Look(60, Set.of("a"), Set.of("a")))),
                new Case(
                        "each waits for itself",
                        List.of(
                                new Look(0, Set.of("a"), nobody),
                                new Look(30, Set.of("a", "b"), nobody),
                                new Look(60, Set.of("a", "b"), Set.of("a")),
                                new Look(90, Set.of("b"), Set.of("b")))),
                new Case(
                        "an acquittal begins it anew",
                        List.of(
                                new Look(0, Set.of("a"), nobody),
                                new Look(30, nobody, nobody),
                                new Look(60, Set.of("a"), nobody),
                                new Look(120, Set.of("a"), Set.of("a")))),
                new Case(
                        "a clock set back prolongs",
                        List.of(
                                new Look(1000, Set.of("a"), nobody),
                                new Look(0, Set.of("a"), nobody),
                                new Look(59, Set.of("a"), nobody),
                                new Look(60, Set.of("a"), Set.of("a")))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void onlyWhoIsGuiltyAllTheTimeIsConvicted(Case row) {
        var suspects = new SuspectTracker(Duration.ofSeconds(60));
        for (Look look : row.looks()) {
            assertThat(suspects.look(keys(look.guilty()), NOON.plusSeconds(look.second())))
                    .as("at " + look.second())
                    .containsExactlyInAnyOrderElementsOf(keys(look.convicted()));
            assertThat(suspects.count()).isEqualTo(look.guilty().size());
        }
    }

    private static Set<AttachmentKey> keys(Set<String> names) {
        return names.stream().map(name -> new AttachmentKey(name, "net1")).collect(Collectors.toSet());
    }
}
