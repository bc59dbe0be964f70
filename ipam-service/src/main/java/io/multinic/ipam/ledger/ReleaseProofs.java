package io.multinic.ipam.ledger;

import io.multinic.contract.wire.ReleaseProof;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Check of the proofs for a manual release: the holder must have been observed as gone twice, by different kinds of
/// observation, some time apart, and while it held the address.
public final class ReleaseProofs {
    private static final Duration APART = Duration.ofSeconds(30);

    private ReleaseProofs() {}

    /// @param from when the holder got the address
    /// @return the missing proof; empty if the proofs are sufficient
    public static Optional<String> lacking(List<ReleaseProof> proofs, Instant from, Instant now) {
        for (int i = 0; i < proofs.size(); i++) {
            Instant observed = proofs.get(i).observedAt();
            if (observed.isAfter(now)) {
                return Optional.of("proofs[" + i + "].observedAt is " + observed + ", which is still to come");
            }
            if (observed.isBefore(from)) {
                return Optional.of("proofs[" + i + "].observedAt is " + observed
                        + ", but the address has been held since " + from + " only; observe again");
            }
        }
        boolean enough = proofs.stream().anyMatch(one -> proofs.stream().anyMatch(other -> confirms(one, other)));
        return enough
                ? Optional.empty()
                : Optional.of("proofs has no two of different kinds that are " + APART.toSeconds()
                        + " s apart; observe again, in another way, or use force with a reason");
    }

    private static boolean confirms(ReleaseProof one, ReleaseProof other) {
        return one.kind() != other.kind() && !one.observedAt().plus(APART).isAfter(other.observedAt());
    }
}
