package io.multinic.controller.kubernetes;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// How long to wait before an object is tried again: doubling from `first` to `longest`, from the start after a
/// success.
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private final Map<String, Duration> last = new ConcurrentHashMap<>();

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    Duration next(String object) {
        return last.merge(object, first, (before, start) -> {
            Duration doubled = before.multipliedBy(2);
            return doubled.compareTo(longest) > 0 ? longest : doubled;
        });
    }

    void reset(String object) {
        last.remove(object);
    }
}
