package io.multinic.ipam.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ledger state of one address: the open interval, the latest end of an interval, and the claims that wait for the
/// holder to free the address, in the order of their arrival. `released` are holders whose interval was ended
/// manually and whose nodes have not reported on it since.
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

    /// State of an address without manual releases.
    public AddressRecord(@Nullable OpenInterval open, @Nullable Instant lastFreed, List<WaitingClaim> waiting) {
        this(open, lastFreed, waiting, List.of());
    }

    /// Stored interval that has not ended.
    public record OpenInterval(long id, AddressClaim claim, Instant from) {}

    /// Stored conflict that has not been resolved.
    public record WaitingClaim(long conflictId, AddressClaim claim) {}
}
