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

/// Sequences of checks with a minimum time of one minute.
class SuspectTrackerTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    /// One check.
    ///
    /// @param second seconds after noon
    /// @param orphans attachments that the check found orphaned
    /// @param collected those of them that may be collected
    record Check(int second, Set<String> orphans, Set<String> collected) {}

    record Case(String name, List<Check> checks) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Set<String> none = Set.of();
        return Stream.of(
                new Case("one check is not enough", List.of(new Check(0, Set.of("a"), none))),
                new Case(
                        "two checks in less than the minimum time are not enough",
                        List.of(new Check(0, Set.of("a"), none), new Check(59, Set.of("a"), none))),
                new Case(
                        "two checks with the minimum time between them",
                        List.of(new Check(0, Set.of("a"), none), new Check(60, Set.of("a"), Set.of("a")))),
                new Case(
                        "each attachment has its own time",
                        List.of(
                                new Check(0, Set.of("a"), none),
                                new Check(30, Set.of("a", "b"), none),
                                new Check(60, Set.of("a", "b"), Set.of("a")),
                                new Check(90, Set.of("b"), Set.of("b")))),
                new Case(
                        "a check without the attachment resets its time",
                        List.of(
                                new Check(0, Set.of("a"), none),
                                new Check(30, none, none),
                                new Check(60, Set.of("a"), none),
                                new Check(120, Set.of("a"), Set.of("a")))),
                new Case(
                        "a clock that is set back prolongs the time",
                        List.of(
                                new Check(1000, Set.of("a"), none),
                                new Check(0, Set.of("a"), none),
                                new Check(59, Set.of("a"), none),
                                new Check(60, Set.of("a"), Set.of("a")))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void attachmentIsCollectedAfterItWasOrphanedInEveryCheckForTheMinimumTime(Case row) {
        var suspects = new SuspectTracker(Duration.ofSeconds(60));
        for (Check check : row.checks()) {
            assertThat(suspects.update(keys(check.orphans()), NOON.plusSeconds(check.second())))
                    .as("at " + check.second())
                    .containsExactlyInAnyOrderElementsOf(keys(check.collected()));
            assertThat(suspects.count()).isEqualTo(check.orphans().size());
        }
    }

    private static Set<AttachmentKey> keys(Set<String> names) {
        return names.stream().map(name -> new AttachmentKey(name, "net1")).collect(Collectors.toSet());
    }
}
