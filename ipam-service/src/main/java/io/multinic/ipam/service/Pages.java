package io.multinic.ipam.service;

import io.multinic.contract.wire.Page;
import java.util.List;
import java.util.function.Function;

/// Pages from lists that were read with one row more than the limit: the extra row shows that there is another page.
public final class Pages {
    private Pages() {}

    public static <T> Page<T> of(List<T> found, int limit, Function<T, String> cursor) {
        return found.size() <= limit
                ? new Page<>(found, null)
                : new Page<>(found.subList(0, limit), cursor.apply(found.get(limit - 1)));
    }
}
