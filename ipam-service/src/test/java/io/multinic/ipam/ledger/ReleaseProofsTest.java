package io.multinic.ipam.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.ReleaseProof;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReleaseProofsTest {
    private static final Instant FROM = Instant.parse("2026-11-24T08:00:00Z");
    private static final Instant NOW = FROM.plusSeconds(600);

    private static ReleaseProof pod(long second) {
        return new ReleaseProof(ReleaseProof.Kind.POD_ABSENT, FROM.plusSeconds(second), "me");
    }

    private static ReleaseProof sandbox(long second) {
        return new ReleaseProof(ReleaseProof.Kind.SANDBOX_ABSENT, FROM.plusSeconds(second), "me");
    }

    record Case(String lacking, List<ReleaseProof> proofs) {}

    static Stream<Case> cases() {
        return Stream.of(
                new Case("", List.of(pod(10), sandbox(40))),
                new Case("", List.of(sandbox(0), pod(600))),
                new Case("", List.of(pod(10), pod(20), sandbox(25), sandbox(45))),
                new Case("no two of different kinds", List.of()),
                new Case("no two of different kinds", List.of(pod(10))),
                new Case("no two of different kinds", List.of(pod(10), pod(500))),
                new Case("30 s apart", List.of(pod(10), sandbox(39))),
                new Case(
                        "no two of different kinds",
                        List.of(pod(10), pod(100), sandbox(110)).subList(0, 2)),
                new Case(
                        "proofs[1].observedAt is 2026-11-24T08:10:01Z, which is still to come",
                        List.of(pod(10), sandbox(601))),
                new Case("proofs[0].observedAt is 2026-11-24T07:59:59Z", List.of(pod(-1), sandbox(60), pod(120))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void releaseNeedsTwoKindsOfProofWithTimeBetween(Case one) {
        var lacking = ReleaseProofs.lacking(one.proofs(), FROM, NOW);
        assertThat(lacking.isEmpty()).isEqualTo(one.lacking().isEmpty());
        assertThat(lacking.orElse("")).contains(one.lacking());
    }
}
