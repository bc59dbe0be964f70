package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Limits on assigning new indexes. Existing assignments are not affected.
///
/// @param suspensionReason why no new index is assigned; null if new indexes may be assigned
/// @param reserved blocks that may belong to a node that the plan does not know; no index is assigned whose block
///     overlaps one
/// @param held addresses that pods hold; no host index is assigned whose block contains one
public record AllocationLimits(@Nullable String suspensionReason, List<Cidr> reserved, List<Cidr> held) {
    public static final AllocationLimits NONE = new AllocationLimits(null, List.of());

    public AllocationLimits {
        reserved = List.copyOf(reserved);
        held = List.copyOf(held);
    }

    /// Limits before the ledger was read for held addresses.
    public AllocationLimits(@Nullable String suspensionReason, List<Cidr> reserved) {
        this(suspensionReason, reserved, List.of());
    }

    AllocationLimits withHeld(Collection<Cidr> more) {
        var all = new ArrayList<>(held);
        all.addAll(more);
        return new AllocationLimits(suspensionReason, reserved, all);
    }
}
