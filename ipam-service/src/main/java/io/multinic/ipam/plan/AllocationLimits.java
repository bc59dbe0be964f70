package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What keeps an index from being given out that nobody has. Who has it keeps it.
///
/// @param frozen why no new index is given out; null if they are
/// @param reserved blocks that may be somebody's
/// @param held addresses that pods hold; no host index is given out whose block has one
public record AllocationLimits(@Nullable String frozen, List<Cidr> reserved, List<Cidr> held) {
    public static final AllocationLimits NONE = new AllocationLimits(null, List.of());

    public AllocationLimits {
        reserved = List.copyOf(reserved);
        held = List.copyOf(held);
    }

    /// Where it is not known yet what pods hold.
    public AllocationLimits(@Nullable String frozen, List<Cidr> reserved) {
        this(frozen, reserved, List.of());
    }

    AllocationLimits andHeld(Collection<Cidr> more) {
        var all = new ArrayList<>(held);
        all.addAll(more);
        return new AllocationLimits(frozen, reserved, all);
    }
}
