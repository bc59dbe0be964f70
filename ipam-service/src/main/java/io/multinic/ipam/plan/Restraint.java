package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What keeps an index from being given out that nobody has. Who has it keeps it.
///
/// @param frozen why no new index is given out; null if they are
/// @param reserved blocks that may be somebody's
public record Restraint(@Nullable String frozen, List<Cidr> reserved) {
    public static final Restraint NONE = new Restraint(null, List.of());

    public Restraint {
        reserved = List.copyOf(reserved);
    }
}
