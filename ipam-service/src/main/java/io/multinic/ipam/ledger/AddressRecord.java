package io.multinic.ipam.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the ledger knows of one address: the open interval, the latest moment at which one ended, and the claims that
/// wait because another one held the address, in the order of their arrival. `released` are holders that the address
/// was taken from by hand, and whose nodes have not said anything since.
public record AddressRecord(
        @Nullable OpenInterval open,
        @Nullable Instant lastFreed,
        List<WaitingClaim> waiting,
        List<WaitingClaim> released) {
    public static final AddressRecord EMPTY = new AddressRecord(null, null, List.of());

    public AddressRecord {
        waiting = List.copyOf(waiting);
        released = List.copyOf(released);
    }

    /// Of an address that was taken from nobody.
    public AddressRecord(@Nullable OpenInterval open, @Nullable Instant lastFreed, List<WaitingClaim> waiting) {
        this(open, lastFreed, waiting, List.of());
    }

    /// A stored interval that has not ended.
    public record OpenInterval(long id, AddressClaim claim, Instant from) {}

    /// A stored conflict that has not been resolved.
    public record WaitingClaim(long conflictId, AddressClaim claim) {}
}
