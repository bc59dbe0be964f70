package io.multinic.ipam.service;

import io.multinic.contract.wire.Page;
import java.util.List;
import java.util.function.Function;

/// Pages of what was asked for with one row more than fits: that row says that there is another page.
public final class Pages {
    private Pages() {}

    public static <T> Page<T> of(List<T> found, int limit, Function<T, String> cursor) {
        return found.size() <= limit
                ? new Page<>(found, null)
                : new Page<>(found.subList(0, limit), cursor.apply(found.get(limit - 1)));
    }
}
