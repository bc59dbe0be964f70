package io.multinic.contract.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// From when to when an address was held; `to` is absent while it still is.
public record AllocationInterval(
        String node,
        Allocation allocation,
        Instant from,
        @Nullable Instant to) {}
