package io.multinic.contract.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Interval during which an address was held; `to` is absent while it is held.
public record AllocationInterval(
        String node,
        Allocation allocation,
        Instant from,
        @Nullable Instant to) {}
