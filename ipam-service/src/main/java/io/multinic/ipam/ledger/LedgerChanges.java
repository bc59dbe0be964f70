package io.multinic.ipam.ledger;

import io.multinic.contract.wire.ConflictKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Changes that a batch makes to the ledger. Intervals are closed before new ones are stored.
///
/// `closed` and `resolved` map the id of an interval or conflict to the time of its end.
public record LedgerChanges(
        Map<Long, Instant> closed, List<Interval> opened, List<Conflict> conflicts, Map<Long, Instant> resolved) {
    public static final LedgerChanges NONE = new LedgerChanges(Map.of(), List.of(), List.of(), Map.of());

    public LedgerChanges {
        closed = Map.copyOf(closed);
        opened = List.copyOf(opened);
        conflicts = List.copyOf(conflicts);
        resolved = Map.copyOf(resolved);
    }

    /// New interval; it may have ended within the batch.
    public record Interval(
            AddressClaim claim, Instant from, @Nullable Instant to) {}

    /// New conflict; it may have been resolved within the batch.
    public record Conflict(
            AddressClaim claim, ConflictKind kind, @Nullable Instant resolvedAt) {}
}
