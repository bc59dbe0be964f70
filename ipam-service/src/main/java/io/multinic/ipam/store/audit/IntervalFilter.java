package io.multinic.ipam.store.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Filter of allocation intervals; an absent field matches any.
///
/// @param from held at this time or later
/// @param to held before this time
public record IntervalFilter(
        @Nullable String network,
        @Nullable String node,
        @Nullable String namespace,
        @Nullable String pod,
        @Nullable Boolean open,
        @Nullable Instant from,
        @Nullable Instant to) {
    public static IntervalFilter ofPod(String namespace, String pod) {
        return new IntervalFilter(null, null, namespace, pod, null, null, null);
    }
}
