package io.multinic.contract.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Bounded part of a list; `next` is the cursor of the following part, absent at the end.
public record Page<T>(List<T> items, @Nullable String next) {
    public Page {
        items = List.copyOf(items);
    }
}
